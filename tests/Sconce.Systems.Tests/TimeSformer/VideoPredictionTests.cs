using System.Diagnostics;
using Sconce.Imaging;
using Sconce.Systems.Video.TimeSformer;
using Sconce.Torch;
using Sconce.Video;
using Xunit;

namespace Sconce.Systems.Tests.TimeSformer;

/// <summary>From a video file to probabilities.</summary>
[Collection(LiveTensors.Name)]
public sealed class VideoPredictionTests : IDisposable
{
    private static readonly TimeSformerConfig Mini = new(24, 1, 2) { ImageSize = 32, PatchSize = 8, Classes = 5, Frames = 4 };

    private readonly string folder = Directory.CreateTempSubdirectory("sconce-clips-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Frames_lie_evenly_over_the_rates_span_and_the_last_is_repeated()
    {
        Assert.Equal([0L, 36, 72, 109, 145, 182, 218, 255], ClipSampling.ByRate(300, 30, 8, 32));
        Assert.Equal([0L, 9, 9, 9], ClipSampling.ByRate(10, 30, 4, 32));
        Assert.Equal([0L, 18, 36, 54, 72, 90, 108, 127], ClipSampling.ByRate(300, 15, 8, 32)); // half the rate, half the frames
        Assert.Equal([0L], ClipSampling.ByRate(9, 30, 1, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClipSampling.ByRate(0, 30, 8, 32));
        Assert.Throws<ArgumentOutOfRangeException>(() => ClipSampling.ByRate(9, double.NaN, 8, 32));
    }

    [Fact]
    public void Segments_give_their_middles()
    {
        Assert.Equal([1L, 3, 6, 9], ClipSampling.BySegments(11, 4)); // ends 0, 2, 5, 8, 10: halves to even
        Assert.Equal([0L, 0, 0], ClipSampling.BySegments(1, 3));
    }

    [Fact]
    public void A_frame_is_normalised_and_its_crops_lie_along_the_longer_side()
    {
        using var scope = new TensorScope();
        var preprocessing = new ClipPreprocessing(4);
        var wide = new Image(8, 4);
        for (int y = 0; y < 4; y++)
        {
            for (int x = 0; x < 8; x++) wide.Row(y).Slice(3 * x, 3).Fill((byte)x);
        }

        var clip = preprocessing.Frame(wide).Unsqueeze(1);
        Assert.Equal(((0 / 255f) - 0.45f) / 0.225f, preprocessing.Crop(clip, 0)[0, 0, 0, 0].Item<float>(), 1e-5);
        Assert.Equal(((2 / 255f) - 0.45f) / 0.225f, preprocessing.Crop(clip, 1)[0, 0, 0, 0].Item<float>(), 1e-5);
        Assert.Equal(((4 / 255f) - 0.45f) / 0.225f, preprocessing.Crop(clip, 2)[0, 0, 0, 0].Item<float>(), 1e-5);
        Assert.Equal([3, 6, 4], preprocessing.Frame(new Image(20, 30)).Shape.ToArray());
        Assert.Throws<ArgumentException>(() => preprocessing.Crop(Tensor.Zeros([3, 1, 3, 9]), 0));
    }

    [Fact]
    public void A_video_becomes_probabilities_of_its_frames()
    {
        string clip = Clip();
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var network = new VideoTransformer(Mini);
        network.Eval();
        var recipe = new TimeSformerRecipe(Mini, 2);
        double[] all = TimeSformerSession.Classify(network, recipe, clip, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(1, all.Sum(), 1e-6);
        var preprocessing = new ClipPreprocessing(32);
        var frames = Tensor.Stack([.. VideoFrames.Read(clip, recipe.Frames(20, 10), TestContext.Current.CancellationToken)
            .Select(preprocessing.Frame)], 1);
        var expected = new double[5];
        for (int place = 0; place < 3; place++)
        {
            double[] some = network.Call(preprocessing.Crop(frames, place).Unsqueeze(0))[0].To(DType.Float64).Softmax(-1).ToArray<double>();
            for (int k = 0; k < 5; k++) expected[k] += some[k] / 3;
        }

        for (int k = 0; k < 5; k++) Assert.Equal(expected[k], all[k], 1e-6);
        double[] segments = TimeSformerSession.Classify(network, new TimeSformerRecipe(Mini, null), clip, crops: 1,
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(1, segments.Sum(), 1e-6);
    }

    [Theory]
    [InlineData("crops", "2", "--x takes 1 or 3")]
    [InlineData("crops", "4", "--x takes a whole number from 1 to 3, not '4'")]
    [InlineData("top", "0", "--x takes a whole number from 1 on, not '0'")]
    public void A_setting_that_cannot_be_is_named(string name, string text, string message) =>
        Assert.Equal(message, Assert.Throws<SettingsException>(() => TimeSformerSettings.Schema.Read([KeyValuePair.Create(name, text)]))
            .Worded("--x"));

    [Fact]
    public void Kinetics_has_400_actions_in_alphabetical_order()
    {
        Assert.Equal(400, TimeSformerVariants.Kinetics400.Count);
        Assert.Equal("abseiling", TimeSformerVariants.Kinetics400[0]);
        Assert.Equal("zumba", TimeSformerVariants.Kinetics400[^1]);
        Assert.Equal(TimeSformerVariants.Kinetics400.Order(StringComparer.Ordinal), TimeSformerVariants.Kinetics400);
    }

    /// <summary>20 frames of 64x48, 10 a second.</summary>
    private string Clip()
    {
        bool there = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(place => File.Exists(Path.Combine(place, "ffmpeg")));
        Assert.SkipUnless(there, "ffmpeg is not on the PATH");
        string path = Path.Combine(folder, "clip.mp4");
        using var process = Process.Start(new ProcessStartInfo("ffmpeg",
            ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=2", "-c:v", "mpeg4", path]))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return path;
    }
}
