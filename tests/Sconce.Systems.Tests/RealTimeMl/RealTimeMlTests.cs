using Sconce.Systems.Tools.RealTimeMl;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.RealTimeMl;

public class RealTimeMlTests
{
    public static TheoryData<string> Detectors => ["adwin", "page-hinkley", "ddm"];

    private static IDriftDetector Detector(string name) => name switch
    {
        "adwin" => new Adwin(),
        "page-hinkley" => new PageHinkley(20),
        _ => new Ddm(),
    };

    [Theory]
    [MemberData(nameof(Detectors))]
    public void A_jump_of_the_error_rate_is_told_soon_and_a_steady_one_is_not(string name)
    {
        var random = new Random(5);
        var detector = Detector(name);
        int before = 0, after = -1;
        for (int k = 0; k < 1000; k++)
        {
            if (detector.Update(random.NextDouble() < 0.2 ? 1 : 0) == DriftLevel.Drift) before++;
        }

        for (int k = 0; k < 400 && after < 0; k++)
        {
            if (detector.Update(random.NextDouble() < 0.8 ? 1 : 0) == DriftLevel.Drift) after = k;
        }

        Assert.InRange(before, 0, 1);
        Assert.InRange(after, 0, 200);
    }

    [Fact]
    public void The_window_keeps_all_of_a_steady_stream_and_its_mean()
    {
        var adwin = new Adwin();
        for (int k = 0; k < 999; k++) Assert.Equal(DriftLevel.None, adwin.Update(k % 3 == 0 ? 1 : 0));
        Assert.Equal(999, adwin.Width);
        Assert.Equal(1 / 3.0, adwin.Mean, 1e-9);
    }

    [Fact]
    public void The_recent_error_forgets_and_the_mean_does_not()
    {
        var error = new Prequential(0.9);
        for (int k = 0; k < 200; k++) error.Add(k < 100 ? 1 : 0);
        Assert.Equal(0.5, error.Mean, 1e-12);
        Assert.True(error.Recent < 1e-3);
    }

    [Fact]
    public void Half_of_the_cube_lies_on_each_side_of_a_hyperplane_and_its_weights_turn_back()
    {
        var random = new Random(2);
        var stream = new HyperplaneStream([0.3, 0.6, 0.9], 1, 0.01);
        int ones = 0;
        for (int k = 0; k < 2000; k++) ones += stream.Label([random.NextDouble(), random.NextDouble(), random.NextDouble()]);
        Assert.InRange(ones, 900, 1100);
        stream.Drift(_ => true);
        stream.Drift(_ => false);
        Assert.Equal(0.3, stream.Weights[0], 1e-12);
        Assert.Equal(0.6, stream.Weights[1]);
    }

    [Fact]
    public void Eight_bits_are_off_by_half_a_step_at_most_and_zero_stays_zero()
    {
        using var scope = new TensorScope();
        var weights = Tensor.Randn([20, 30]);
        double step = weights.Abs().Max().Item<double>() / 127;
        Assert.True((Compression.Int8Rounded(weights) - weights).Abs().Max().Item<double>() <= (step / 2) + 1e-6);
        Assert.True((Compression.Int8Rounded(weights, perRow: true) - weights).Square().Sum().Item<double>()
            <= (Compression.Int8Rounded(weights) - weights).Square().Sum().Item<double>());
        Assert.Equal(0, Compression.UInt8Rounded(Tensor.From([0f, 3, 7])).ToArray<float>()[0]);
        Assert.Equal([0f, 0], Compression.Int8Rounded(Tensor.Zeros([2])).ToArray<float>());
    }

    [Fact]
    public void Pruning_takes_the_smallest_and_a_full_rank_keeps_everything()
    {
        using var scope = new TensorScope();
        Assert.Equal([0f, 1, 0, 1], Compression.PruningMask(Tensor.From([0.1f, -3, 0.2f, 2]), 0.5).ToArray<float>());
        Assert.Equal(4, Compression.PruningMask(Tensor.Randn([4]), 0).Sum().Item<double>());
        var weights = Tensor.Randn([6, 4]);
        var (left, right) = Compression.LowRank(weights, 4);
        Assert.True((left.Matmul(right) - weights).Abs().Max().Item<double>() < 1e-4);
        Assert.Throws<ArgumentOutOfRangeException>(() => Compression.PruningMask(weights, 1));
    }

    [Fact]
    public void A_student_that_answers_as_its_teacher_pays_for_the_labels_alone()
    {
        using var scope = new TensorScope();
        var logits = Tensor.Randn([5, 3]);
        var labels = Tensor.From([0L, 1, 2, 0, 1]);
        Assert.Equal(0, Compression.DistillationLoss(logits, logits, labels, alpha: 1).Item<double>(), 1e-6);
    }
}
