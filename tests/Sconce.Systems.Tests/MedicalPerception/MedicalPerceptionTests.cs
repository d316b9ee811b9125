using Sconce.Claims;
using Sconce.Systems.Science.MedicalPerception;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.MedicalPerception;

[Collection(LiveTensors.Name)]
public class MedicalPerceptionTests
{
    [Theory]
    [InlineData(16, 16)]
    [InlineData(17, 16)]
    [InlineData(15, 21)]
    public void Low_pass_and_high_pass_add_up_to_the_picture_at_even_and_odd_sizes(int height, int width)
    {
        using var scope = new TensorScope();
        var picture = Tensor.Randn([2, height, width], DType.Float64);
        var sum = FourierFilter.Apply(picture, 4) + FourierFilter.Apply(picture, 4, highPass: true);
        Assert.True(sum.Allclose(picture, atol: 1e-10));
    }

    [Fact]
    public void A_low_pass_filter_keeps_the_mean_and_removes_a_checkerboard()
    {
        using var scope = new TensorScope();
        var board = (Tensor.Arange(32).Reshape([32, 1]) + Tensor.Arange(32)).Remainder(2).To(DType.Float64);
        var filtered = FourierFilter.Apply(board, 4);
        Assert.Equal(0.5, filtered.Mean().Item<double>(), 1e-9);
        Assert.InRange((filtered - 0.5).Abs().Max().Item<double>(), 0, 1e-3);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(12)]
    [InlineData(double.NaN)]
    public void A_radius_outside_the_picture_is_refused(double radius) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => FourierFilter.Mask(12, 20, radius));

    [Fact]
    public void Perturbed_mammograms_are_whole_numbers_of_12_bits_and_a_flat_one_is_black()
    {
        using var scope = new TensorScope();
        var stored = FourierFilter.Perturb(Tensor.Rand([1, 20, 24]) * 4095, 5);
        Assert.Equal((0, 4095), (stored.Min().Item<int>(), stored.Max().Item<int>()));
        Assert.Equal(0, FourierFilter.Normalize(Tensor.Ones([1, 20, 24])).Abs().Max().Item<double>());
    }

    /// <summary>Figures of scipy.stats.ks_2samp.</summary>
    [Theory]
    [InlineData(new[] { 1.0, 2, 3 }, new[] { 4.0, 5, 6 }, 1)]
    [InlineData(new[] { 1.0, 2, 3, 4 }, new[] { 1.0, 2, 3, 4 }, 0)]
    [InlineData(new[] { 1.0, 2, 2, 5 }, new[] { 2.0, 3, 4 }, 0.41666666666666663)]
    public void The_statistic_is_the_greatest_distance_of_the_distribution_functions(double[] positives, double[] negatives,
        double expected) =>
        Assert.Equal(expected, PerceptionStatistics.Separability(positives, negatives), 1e-12);

    [Fact]
    public void A_reversed_ranking_separates_as_well_but_its_area_is_0()
    {
        double[] low = [1, 2, 3], high = [4, 5, 6];
        Assert.Equal(1, PerceptionStatistics.Separability(low, high));
        Assert.Equal(0, PerceptionStatistics.AreaUnderCurve(low, high));
        Assert.Equal(1, PerceptionStatistics.AreaUnderCurve(high, low));
        Assert.Equal(0.5, PerceptionStatistics.AreaUnderCurve(low, low));
        Assert.InRange(PerceptionStatistics.ChanceOfNoDrop(high, low), 0, 0.2);
        Assert.Equal(1, PerceptionStatistics.ChanceOfNoDrop(low, high), 1e-6);
    }

    [Fact]
    public void Empty_samples_and_NaN_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PerceptionStatistics.Separability([], [1]));
        Assert.Throws<ArgumentException>(() => PerceptionStatistics.Separability([double.NaN], [1]));
        Assert.Throws<ArgumentException>(() => PerceptionStatistics.AreaUnderCurve([double.NaN], [1]));
    }

    [Fact]
    public void Readings_that_contradict_themselves_are_refused()
    {
        using var scope = new TensorScope();
        var subgroups = Tensor.Zeros([4, 2], DType.Int64);
        Assert.Throws<ArgumentException>(() => new Readings(Tensor.Zeros([2, 3, 4, 2]), Tensor.Ones([2, 3, 5]), subgroups, 1).Checked());
        Assert.Throws<ArgumentException>(() =>
            new Readings(Tensor.Full([2, 3, 4, 2], 1.5), Tensor.Ones([2, 3, 4]), subgroups, 1).Checked());
        Assert.Throws<ArgumentException>(() =>
            new Readings(Tensor.Zeros([2, 3, 4, 2]), Tensor.Ones([2, 3, 4]), subgroups + 1, 1).Checked());
    }

    [Fact]
    public void Inference_finds_the_severities_effects_that_made_the_readings()
    {
        using var scope = new TensorScope();
        const int readers = 4, severities = 3, exams = 120;
        using var generator = new Generator(5);
        var subgroups = Tensor.Randint(2, [exams, 2], generator, DType.Int64);
        var gamma = Tensor.From([0f, 0, -1.5f, 0, -2.5f, 0.3f], [severities, 2]); // the first subgroup is lost, the second is not
        var logits = ReadingModel.Logits(Tensor.Randn([exams, 2], generator), gamma, Tensor.Randn([readers, 2], generator) * 0.3,
            Tensor.From([0.5f, 0.5f]), subgroups);
        var predictions = Tensor.Rand([.. logits.Shape], generator).Lt(logits.Sigmoid()).To(DType.Float32);
        using var inference = new VariationalInference(new Readings(predictions, Tensor.Ones([readers, severities, exams]), subgroups, 2));
        var bounds = inference.Fit(new InferenceOptions(Steps: 500), cancellation: TestContext.Current.CancellationToken);
        Assert.True(bounds.Skip(400).Average() > bounds.Take(20).Average() + 50, $"{bounds[0]} -> {bounds[^1]}");
        var posterior = inference.Sample(500).Gamma;
        var (mean, deviation, chance) = PerceptionStatistics.PredictiveConfidence(posterior.Permute([1, 2, 0]).Flatten(0, 1)[2..]);
        double[] means = mean.ToArray<float>().Select(value => (double)value).ToArray(), truth = [-1.5, 0, -2.5, 0.3];
        Assert.All(means.Zip(truth), pair => Assert.InRange(pair.First, pair.Second - 0.6, pair.Second + 0.6));
        Assert.All(deviation.ToArray<float>(), value => Assert.InRange(value, 0.02f, 0.4f));
        Assert.InRange(chance[0].Item<float>(), 0, 0.01f);
        var predicted = inference.Sample(200).Predict(subgroups);
        Assert.InRange((predicted - logits.Sigmoid()).Abs().Mean().Item<double>(), 0, 0.15);
    }

    [Fact]
    public void A_reader_of_the_finest_band_loses_the_masses_and_one_of_broad_bumps_does_not()
    {
        using var scope = new TensorScope();
        var test = Lesions.Sample(300, cue: true, 11);
        var lesions = test.Labels.ToArray<long>();
        double Separability(Tensor scores)
        {
            var values = scores.To(DType.Float64).ToArray<double>();
            return PerceptionStatistics.AreaUnderCurve([.. values.Where((_, k) => lesions[k] == (long)Lesion.Mass)],
                [.. values.Where((_, k) => lesions[k] == (long)Lesion.None)]);
        }

        // Filtering weakens cue and noise alike: only with noise of its own does the reader lose what is faint.
        var own = Tensor.Randn([.. test.Inputs.Shape]) * 0.05;
        double Fine(Tensor pictures) => Separability(((pictures + own) * Board()).Mean([1, 2, 3]).Abs());
        double Coarse(Tensor pictures) => Separability(FourierFilter.Apply(pictures, 3).Amax([1, 2, 3]));
        var filtered = FourierFilter.Apply(test.Inputs, 6);
        Assert.True(Fine(test.Inputs) > 0.95, $"{Fine(test.Inputs)}");
        Assert.InRange(Fine(filtered), 0.3, 0.7);
        Assert.True(Coarse(test.Inputs) > 0.9 && Coarse(filtered) > 0.9, $"{Coarse(test.Inputs)}, {Coarse(filtered)}");

        static Tensor Board() => (Tensor.Arange(32).Reshape([32, 1]) + Tensor.Arange(32)).Remainder(2).To(DType.Float32) * 2 - 1;
    }

    [Fact]
    public void The_rule_can_fail()
    {
        var flat = new MedicalPerceptionClaim.Curves([1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1]);
        var lost = flat with { Mass = [1, 1, 0.5, 0.4, 0.3, 0.9] };
        var holds = new MedicalPerceptionClaim.Reading(lost, flat, flat);
        Assert.Equal(Verdict.Holds, MedicalPerceptionClaim.Judge([.. Enumerable.Repeat(holds, 5)]).Verdict);
        Assert.Equal(Verdict.Undecided, MedicalPerceptionClaim.Judge([holds]).Verdict);
        foreach (var wrong in new[] { holds with { Network = flat }, holds with { Plain = lost }, holds with { Filtered = lost },
            holds with { Network = lost with { Pooled = lost.Mass } } })
        {
            Assert.Equal(Verdict.DoesNotHold, MedicalPerceptionClaim.Judge([.. Enumerable.Repeat(wrong, 5)]).Verdict);
        }
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new MedicalPerceptionClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        var result = claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal(live, LiveTensors.Count);
        Assert.Equal(Verdict.Undecided, result.Verdict);
        Assert.Equal(7, result.Rows.Count);
    }
}
