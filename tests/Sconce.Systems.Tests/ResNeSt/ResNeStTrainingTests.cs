using Sconce.Claims;
using Sconce.Nn;
using Sconce.Systems.Classification.ResNeSt;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.ResNeSt;

[Collection(LiveTensors.Name)]
public sealed class ResNeStTrainingTests
{
    [Fact]
    public void The_smoothed_loss_mixes_the_labels_and_the_mean_of_all_classes()
    {
        using var scope = new TensorScope();
        var logits = Tensor.Randn([3, 7], DType.Float64);
        var labels = Tensor.From([0L, 3L, 6L]);
        var logs = logits.LogSoftmax(1);
        double expected = (-0.9 * logs.Gather(1, labels.Unsqueeze(1)).Mean() - 0.1 * logs.Mean()).Item<double>();
        Assert.Equal(expected, ResNeStTraining.Loss(logits, labels).Item<double>(), 1e-12);
        Assert.Equal(expected, ResNeStTraining.Loss(logits, labels.OneHot(7).To(DType.Float64)).Item<double>(), 1e-12);
    }

    [Fact]
    public void MixUp_uses_one_share_for_pictures_and_labels()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(3);
        var (pictures, targets) = ResNeStTraining.MixUp(Tensor.From([0f, 1f]).Reshape([2, 1, 1, 1]), Tensor.From([0L, 1L]), 2,
            generator, alpha: 1);
        Assert.Equal(pictures.Reshape([2]).ToArray<float>(), targets[.., 1].ToArray<float>());
        float share = pictures.ToArray<float>()[1];
        Assert.InRange(share, 0.01f, 0.99f);
        Assert.Equal(1, pictures.Sum().Item<float>(), 1e-6);
    }

    [Fact]
    public void Lighting_shifts_whole_channels_as_the_colours_of_photographs_vary()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(1);
        var shift = ResNeStTraining.PcaLighting(Tensor.Zeros([20000, 3, 1, 1], DType.Float64), generator).Reshape([-1, 3]);
        // Variances follow from the eigenvalues: Σ_k (vector[c, k] · value[k] · 0.1)².
        double[] deviations = shift.Std([0], unbiased: true, keepdim: false).ToArray<double>();
        double[] values = [.. ResNeStTraining.LightingEigenvalues], vectors = [.. ResNeStTraining.LightingEigenvectors];
        for (int channel = 0; channel < 3; channel++)
        {
            double expected = 0.1 * Math.Sqrt(Enumerable.Range(0, 3).Sum(k => Math.Pow(vectors[channel * 3 + k] * values[k], 2)));
            Assert.Equal(1, deviations[channel] / expected, 0.03);
        }
    }

    [Fact]
    public void The_rate_rises_for_five_epochs_and_falls_to_nothing()
    {
        var schedule = ResNeStTraining.Schedule(8192, 100);
        Assert.Equal(0, schedule.At(0), 1e-9);
        Assert.Equal(3.2, schedule.At(500), 1e-9);
        Assert.Equal(1.6, schedule.At(500 + 26500 / 2), 1e-9);
        Assert.Equal(0, schedule.At(27000), 1e-9);
        Assert.Equal(0.1, ResNeStTraining.DropBlockRate(ResNeStTraining.Epochs - 1), 1e-12);
    }

    [Fact]
    public void Only_weights_of_convolutions_and_the_classifier_decay()
    {
        using var skipped = Init.Skipped();
        using var network = new Classification.ResNeSt.ResNeSt(new ResNeStConfig([1, 1, 1, 1]) { BottleneckWidth = 8 });
        using var optimizer = ResNeStTraining.Optimizer(network, 256);
        Assert.Equal(0.1, optimizer.LearningRate, 1e-12);
        foreach (var group in optimizer.Groups)
            Assert.All(group.Parameters, parameter => Assert.Equal(group.Decay, parameter.Dimensions > 1));
    }

    [Fact]
    public void Drop_block_drops_squares_at_its_rate_and_keeps_the_sum()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(5);
        var layer = new DropBlock2d(0.1);
        var ones = Tensor.Ones([2, 64, 32, 32]);
        var dropped = layer.Call(ones);
        Assert.InRange(1 - dropped.Ne(0).To(DType.Float32).Mean().Item<float>(), 0.08f, 0.12f);
        Assert.Equal(1, dropped.Mean().Item<float>(), 1e-4);
        Assert.True(dropped[0].Eq(dropped[1]).All().Item<bool>());
        // A dropped cell has a dropped neighbour to the left or to the right.
        var zero = dropped.Eq(0).To(DType.Float32);
        Assert.Equal(0, (zero[.., .., .., 1..^1] * (1 - zero[.., .., .., ..^2]) * (1 - zero[.., .., .., 2..])).Sum().Item<float>());
        layer.Eval();
        Assert.Same(ones, layer.Call(ones));
        layer.Train();
        Assert.Throws<TorchException>(() => layer.Call(Tensor.Ones([1, 1, 2, 2])));
    }

    [Fact]
    public void The_claims_pictures_hide_the_question_from_a_small_window()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(0);
        var examples = ContextGratings.Sample(500, generator);
        Assert.Equal([500, 3, 24, 24], examples.Inputs.Shape);
        Assert.All(examples.Labels.ToArray<long>(), label => Assert.InRange(label, 0, 3));
        // The upper halves of the gratings' channels and the patch's lower half hold noise only.
        Assert.Equal(0.3, examples.Inputs[.., ..2, ..12].Std().Item<float>(), 0.01);
        Assert.Equal(0.3, examples.Inputs[.., 2, 6..].Std().Item<float>(), 0.01);
        Assert.True(examples.Inputs[.., ..2, 12..].Std().Item<float>() > 0.6);
    }

    [Fact]
    public void A_quick_claim_runs_everything_decides_nothing_and_repeats()
    {
        long before = LiveTensors.Count;
        var claim = new ResNeStClaim();
        var first = claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        var second = claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal(Verdict.Undecided, first.Verdict);
        Assert.Equal(first.Rows.SelectMany(row => row.Values), second.Rows.SelectMany(row => row.Values));
        Assert.Equal(first.Curves.SelectMany(curve => curve.Y), second.Curves.SelectMany(curve => curve.Y));
        Assert.Equal(before, LiveTensors.Count);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => claim.Run(new ClaimOptions(), null, cancelled.Token));
    }

    [Theory]
    [InlineData(0.60, 1.0, Verdict.Holds)]
    [InlineData(0.80, 1.0, Verdict.DoesNotHold)]
    [InlineData(0.60, 0.62, Verdict.DoesNotHold)]
    public void The_claim_can_fail(double plain, double split, Verdict verdict)
    {
        Assert.Equal(verdict, ResNeStClaim.Judge([plain, plain], [split, split]).Verdict);
        Assert.Equal(Verdict.Undecided, ResNeStClaim.Judge([0.5, 0.75], [1, 1]).Verdict);
    }
}
