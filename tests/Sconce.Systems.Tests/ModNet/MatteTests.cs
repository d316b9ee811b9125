using System.Diagnostics;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Systems.DensePrediction.ModNet;
using Sconce.Torch;
using Sconce.Video;
using Xunit;
using Network = Sconce.Systems.DensePrediction.ModNet.ModNet;

namespace Sconce.Systems.Tests.ModNet;

/// <summary>Pictures and clips through the sessions, with a network of random weights.</summary>
[Collection(LiveTensors.Name)]
public sealed class MatteTests : IDisposable
{
    private static readonly MatteSettings Sure = new() { Presence = 0 };
    private readonly Network network = Seeded();
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-matte-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        network.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_picture_keeps_its_colours_and_has_the_networks_matte_as_its_alpha()
    {
        var picture = Noise(70, 50, 1);
        using var session = new MattePictureSession(new Request { Size = 64 });
        var cut = session.Ask(picture, Sure, cancellation: Cancellation).Picture.Picture;
        Assert.Equal(4, cut.Channels);
        Assert.Equal(picture.Pixels.ToArray(), Colours(cut));
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        float[] matte = network.Call((picture.ToTensor().Unsqueeze(0) * 2) - 1).Reshape([-1]).ToArray<float>();
        Assert.Equal(matte.Select(value => (byte)Math.Round(value * 255)), Alpha(cut));
        Assert.NotEqual(1, matte.Select(value => (byte)Math.Round(value * 255)).Distinct().Count());
    }

    [Fact]
    public void Where_nobody_is_seen_nothing_is_cut_out_and_the_answer_says_so()
    {
        var picture = Noise(64, 64, 2);
        using var session = new MattePictureSession(new Request());
        var strict = new MatteSettings { Presence = 1 };
        var answer = session.Ask(picture, strict with { Background = Backdrop.Of(new Rgb(1, 2, 3)) }, cancellation: Cancellation);
        Assert.True(answer.IsEmpty);
        Assert.InRange(answer.Presence, 0.01, 0.99);
        Assert.All(Enumerable.Range(0, 64 * 64), k => Assert.Equal([1, 2, 3], answer.Picture.Picture.Pixels.Slice(3 * k, 3).ToArray()));
        Assert.Contains("none", (string)((Rows)answer.Parts[1].Part).Items[0][1]!, StringComparison.Ordinal);
        Assert.All(Alpha(session.Ask(picture, strict, cancellation: Cancellation).Picture.Picture), a => Assert.Equal(0, a));
        Assert.False(session.Ask(picture, Sure, cancellation: Cancellation).IsEmpty);
    }

    [Fact]
    public void Only_the_box_is_looked_at_and_one_outside_is_refused()
    {
        var picture = Noise(100, 80, 3);
        using var session = new MattePictureSession(new Request());
        var boxed = Sure with { Box = [20, 20, 60, 60], MatteOnly = true };
        var matte = session.Ask(picture, boxed, cancellation: Cancellation).Picture.Picture;
        Assert.Equal((100, 80, 1), (matte.Width, matte.Height, matte.Channels));
        for (int y = 0; y < 80; y++)
        {
            for (int x = 0; x < 100; x++)
            {
                bool isInside = x is >= 16 and < 64 && y is >= 16 and < 64; // a tenth more on each side
                if (!isInside) Assert.Equal(0, matte.Row(y)[x]);
                else Assert.NotEqual(0, matte.Row(y)[x]);
            }
        }

        var outside = () => session.Ask(picture, Sure with { Box = [100, 0, 120, 20] }, cancellation: Cancellation);
        Assert.Contains("outside", Assert.Throws<SettingsException>(outside).Message, StringComparison.Ordinal);
        Assert.Throws<SettingsException>(() => session.Ask(picture, Sure with { Box = [9, 0, 3, 20] }, cancellation: Cancellation));
        Assert.Throws<SettingsException>(() => session.Ask(picture, Sure with { Box = [9] }, cancellation: Cancellation));
    }

    [Fact]
    public void A_background_stands_where_the_person_does_not()
    {
        using var scope = new TensorScope();
        var front = Noise(8, 4, 4);
        var opacity = Tensor.Zeros([4, 8]);
        opacity.FillInPlace(1, .., ..4);
        var whole = MatteDrawing.Before(front, opacity, Backdrop.Of(Rgb.White).Of(8, 4));
        Assert.Equal(front.Pixels[..12].ToArray(), whole.Pixels[..12].ToArray());
        Assert.All(whole.Pixels[12..24].ToArray(), value => Assert.Equal(255, value));
        var wide = Backdrop.Of(Noise(90, 10, 5)).Of(20, 20);
        Assert.Equal((20, 20, 3), (wide.Width, wide.Height, wide.Channels));
        Assert.True(Backdrop.Value.TryRead("#ff8000", out var orange));
        Assert.Equal([255, 128, 0], orange.Of(1, 1).Pixels.ToArray());
        Assert.False(Backdrop.Value.TryRead("no-such-file.png", out _));
        Assert.False(Backdrop.Value.TryRead("#ff80zz", out _));
    }

    [Theory]
    [InlineData(4000, 3000, 682, 512)]
    [InlineData(400, 300, 682, 512)]
    [InlineData(600, 400, 600, 400)]
    [InlineData(20000, 40, 2048, 32)]
    public void A_picture_is_seen_at_512_pixels_and_a_strip_does_not_grow_without_bound(int width, int height, int wide, int high) =>
        Assert.Equal((wide, high), MatteNetwork.SeenSize(width, height, 512));

    [Fact]
    public void A_margin_and_another_size_leave_the_pictures_size()
    {
        using var session = new MattePictureSession(new Request() { Size = 32 });
        var cut = session.Ask(Noise(75, 90, 6), Sure with { Margin = 0.5 }, cancellation: Cancellation).Picture.Picture;
        Assert.Equal((75, 90), (cut.Width, cut.Height));
    }

    // With flicker the pictures' rounding to 8 bits may change which pixels count as flickering: OneFrameDelay has tests of its own.
    [Theory]
    [InlineData(0)]
    public void A_clips_frames_are_its_pictures_one_frame_late(double flicker)
    {
        string path = Clip();
        using var pictures = new MattePictureSession(new Request());
        using var clips = new MatteClipSession(new Request());
        var settings = Sure with { MatteOnly = true };
        var frames = VideoFrames.All(path, cancellation: Cancellation);
        var each = frames.Select(frame => pictures.Ask(frame, settings, cancellation: Cancellation)).ToList();
        var answer = clips.Ask(Clip(path), new ClipMatteSettings { Picture = settings, Flicker = flicker }, cancellation: Cancellation);
        Assert.Equal((10, path), (answer.Clip.FrameRate, answer.Clip.SoundFrom));
        Assert.Empty(answer.Seen.Items);
        var made = answer.Clip.Frames.ToList();
        Assert.Equal(6, made.Count);
        Assert.Equal([6L, 0L], answer.Seen.Items[0].Take(2).Cast<long>());
        using var scope = new TensorScope();
        var raw = Tensor.Stack([.. each.Select(one => one.Picture.Picture.ToTensor())]);
        var expected = flicker == 0 ? raw : OneFrameDelay.Apply(raw, flicker);
        for (int k = 0; k < 6; k++) Assert.True(made[k].ToTensor().Allclose(expected[k], atol: flicker == 0 ? 0 : 0.05));
    }

    [Fact]
    public void A_clip_costs_no_memory_for_its_length()
    {
        using var session = new MatteClipSession(new Request());
        var settings = new ClipMatteSettings { Picture = Sure };
        var frames = session.Ask(Clip(Clip()), settings, cancellation: Cancellation).Clip.Frames.GetEnumerator();
        Assert.True(frames.MoveNext() && frames.MoveNext());
        long live = LiveTensors.Count;
        Assert.True(frames.MoveNext() && frames.MoveNext());
        Assert.Equal(live, LiveTensors.Count);
        while (frames.MoveNext())
        {
        }

        Assert.True(LiveTensors.Count < live);
        frames.Dispose();
    }

    [Fact]
    public void Portraits_have_a_known_inside_a_band_and_a_background_that_looks_alike()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(3);
        var batch = Portraits.Sample(4, generator);
        Assert.Equal([4, 3, 64, 64], batch.Images.Shape.ToArray());
        Assert.True(batch.Images.Abs().Max().Item<double>() <= 1);
        for (int k = 0; k < 4; k++)
        {
            float[] trimap = batch.Trimaps[k].Reshape([-1]).ToArray<float>(), matte = batch.Mattes[k].Reshape([-1]).ToArray<float>();
            foreach (float value in (float[])[0, 0.5f, 1]) Assert.InRange(trimap.Count(v => v == value), 100, 64 * 64 * 3 / 4);
            Assert.All(trimap.Zip(matte), pair => Assert.True(pair.First == 0.5f || Math.Abs(pair.First - pair.Second) < 0.06));
        }
    }

    [Fact]
    public void The_claim_can_fail_by_each_of_its_figures()
    {
        double[] alone = [0.07, 0.08, 0.07], three = [0.06, 0.06, 0.06], times = [20, 20, 20], kept = [1, 1, 1];
        Assert.Equal(Verdict.Holds, ModNetClaim.Judge(three, alone, times, kept).Verdict);
        Assert.Equal(Verdict.DoesNotHold, ModNetClaim.Judge(alone, alone, times, kept).Verdict);
        Assert.Equal(Verdict.DoesNotHold, ModNetClaim.Judge([0.01, 0.09, 0.09], alone, times, kept).Verdict);
        Assert.Equal(Verdict.DoesNotHold, ModNetClaim.Judge(three, alone, [20, 4, 20], kept).Verdict);
        Assert.Equal(Verdict.DoesNotHold, ModNetClaim.Judge(three, alone, times, [1, 0, 1]).Verdict);
        Assert.Equal(Verdict.Undecided, ModNetClaim.Judge([0.06], [0.07], [20], [1]).Verdict);
        var (factor, isKept) = ModNetClaim.Flickering();
        Assert.True(factor > 5 && isKept);
    }

    [Fact]
    public void A_quick_claim_runs_and_equal_seeds_give_equal_figures()
    {
        var claim = new ModNetClaim();
        var options = new ClaimOptions(Quick: true);
        var first = claim.RunSeed(1, options, null, Cancellation);
        var second = claim.RunSeed(1, options, null, Cancellation);
        Assert.Equal(first.Rows.Select(row => row.Values[0]), second.Rows.Select(row => row.Values[0]));
        Assert.Equal(Verdict.Undecided, claim.Together([first], options).Verdict);
    }

    private static Network Seeded()
    {
        TorchRuntime.ManualSeed(5);
        var network = new Network();
        network.Eval();
        return network;
    }

    private static Sconce.Abilities.Clip Clip(string path) => Sconce.Abilities.Clip.Of(path);

    private string Clip()
    {
        string path = Path.Combine(folder, "clip.mp4");
        string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Assert.SkipUnless(places.Any(place => File.Exists(Path.Combine(place, "ffmpeg"))), "ffmpeg is not on the PATH");
        string[] sources = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=0.6", "-f", "lavfi", "-i", "sine=duration=0.6"];
        using var process = Process.Start("ffmpeg", ["-v", "error", .. sources, "-pix_fmt", "yuv420p", path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return path;
    }

    private static Image Noise(int width, int height, int seed)
    {
        var image = new Image(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    private static byte[] Colours(Image clear) => [.. clear.Pixels.ToArray().Where((_, k) => k % 4 != 3)];

    private static byte[] Alpha(Image clear) => [.. clear.Pixels.ToArray().Where((_, k) => k % 4 == 3)];

    /// <summary>Gives the network of the test's seed.</summary>
    private sealed class Request : OpenRequest
    {
        public override string Name => "modnet";

        public override string NetworkName => "modnet";

        public override string Weights => "";

        public override IReadOnlyList<Capability> Capabilities => [];

        public override IReadOnlyList<string>? Classes => null;

        public override int Outputs => 1;

        public override T Network<T>() => (T)(Module)Seeded();

        public override Module<Tensor, Tensor> Features() => throw new NotSupportedException();
    }
}
