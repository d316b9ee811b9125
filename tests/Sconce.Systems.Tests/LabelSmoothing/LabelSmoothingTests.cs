using Sconce.Claims;
using Sconce.Nn;
using Sconce.Systems.TrainingMethods.LabelSmoothing;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.LabelSmoothing;

[Collection(LiveTensors.Name)]
public class LabelSmoothingTests
{
    [Fact]
    public void Smoothing_is_PyTorchs_label_smoothing()
    {
        using var scope = new TensorScope();
        var logits = Tensor.Randn([16, 7]);
        var labels = Tensor.Randint(7, [16], dtype: DType.Int64);
        double own = SmearedLosses.Compute(logits, labels, SmearedLosses.SmoothingMatrix(7, 0.3)).Item<double>();
        Assert.Equal(Functional.CrossEntropy(logits, labels, labelSmoothing: 0.3).Item<double>(), own, 1e-5);
    }

    [Fact]
    public void Backward_correction_undoes_the_noise_in_expectation()
    {
        using var scope = new TensorScope();
        var transition = LabelNoise.SymmetricTransition(5, 0.4);
        Assert.True(SmearedLosses.SymmetricBackwardMatrix(5, 0.4).Matmul(transition).Allclose(Tensor.Eye(5), atol: 1e-5));
        var logits = Tensor.Randn([1, 5]);
        var corrected = SmearedLosses.PerLabel(logits, SmearedLosses.SymmetricBackwardMatrix(5, 0.4)); // (1, 5): a noisy label's loss
        Assert.True(corrected.Matmul(transition.T()).Allclose(-logits.LogSoftmax(-1), atol: 1e-4));
    }

    [Fact]
    public void Forward_correction_of_clean_labels_is_the_plain_loss_and_noisy_probabilities_sum_to_1()
    {
        using var scope = new TensorScope();
        var logits = Tensor.Randn([16, 7]);
        var labels = Tensor.Randint(7, [16], dtype: DType.Int64);
        Assert.Equal(Functional.CrossEntropy(logits, labels).Item<double>(),
            SmearedLosses.ForwardCorrected(logits, labels, Tensor.Eye(7)).Item<double>(), 1e-5);
        Assert.True(SmearedLosses.NoisyProbabilities(logits, LabelNoise.SymmetricTransition(7, 0.5)).Sum([1])
            .Allclose(Tensor.Ones([16]), atol: 1e-5));
    }

    [Fact]
    public void Noise_changes_the_share_of_labels_that_it_says_and_no_others()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(3);
        var labels = Tensor.Randint(10, [20_000], generator, DType.Int64);
        var noisy = LabelNoise.Corrupt(labels, 10, 0.4, generator);
        Assert.InRange(noisy.Ne(labels).To(DType.Float64).Mean().Item<double>(), 0.345, 0.375); // 0.4 · 9 / 10
        Assert.True(LabelNoise.Corrupt(labels, 10, 0, generator).EqualTo(labels));
        Assert.InRange(noisy.Max().Item<long>(), 0, 9);
    }

    [Fact]
    public void A_student_that_answers_as_its_teacher_has_no_divergence()
    {
        using var scope = new TensorScope();
        var teacher = Tensor.Randn([6, 8]);
        Assert.Equal(0, new Distillation().Divergence(teacher, teacher).Item<double>(), 1e-6);
        Assert.True(new Distillation().Divergence(Tensor.Randn([6, 8]), teacher).Item<double>() > 0);
        Assert.Throws<InvalidOperationException>(() => new Distillation(0).Divergence(teacher, teacher));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void A_rate_that_is_no_share_is_refused(double rate)
    {
        using var generator = new Generator(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => LabelNoise.SymmetricTransition(5, rate));
        Assert.Throws<ArgumentOutOfRangeException>(() => SmearedLosses.SymmetricBackwardMatrix(5, rate));
    }

    [Fact]
    public void The_rule_can_fail()
    {
        Dictionary<string, List<double>> values = new()
        {
            ["plain"] = [0.6, 0.62],
            ["smoothing 0.7"] = [0.7, 0.69],
            ["forward correction"] = [0.78, 0.77],
            ["student of plain"] = [0.55, 0.54],
            ["student of smoothing 0.4"] = [0.75, 0.74],
        };
        Assert.Equal(Verdict.Holds, LabelSmoothingClaim.Judge(values).Verdict);
        values["smoothing 0.7"] = [0.61, 0.6];
        Assert.Equal(Verdict.DoesNotHold, LabelSmoothingClaim.Judge(values).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new LabelSmoothingClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
