using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Systems.Generation.HyperRim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.HyperRim;

/// <summary>Pictures through the session, with a small network of random weights.</summary>
[Collection(LiveTensors.Name)]
public sealed class HyperRimUpscaleTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_picture_has_several_larger_ones_and_a_seed_fixes_them()
    {
        using var session = new HyperRimUpscaleSession(new Request());
        var made = Made(session, new() { Count = 2, Seed = 3 });
        Assert.All(made, picture => Assert.Equal((40, 24), (picture.Width, picture.Height)));
        Assert.NotEqual(made[0].Pixels.ToArray(), made[1].Pixels.ToArray());
        Assert.Equal(made[1].Pixels.ToArray(), Made(session, new() { Count = 2, Seed = 3 })[1].Pixels.ToArray());
        var shrunk = Assert.Single(Made(session, new() { Shrink = 5 }));
        Assert.Equal((20, 12), (shrunk.Width, shrunk.Height));
    }

    [Fact]
    public void A_picture_too_large_is_refused_with_the_setting_that_helps()
    {
        using var session = new HyperRimUpscaleSession(new Request());
        var fault = Assert.Throws<SettingsException>(() => session.Ask(new Image(300, 20), cancellation: Cancellation));
        Assert.Equal("shrink", fault.Setting);
        Assert.Contains("300 by 20 pixels", fault.Message);
    }

    [Fact]
    public void Any_scale_is_answered_and_transparency_stays()
    {
        using var session = new HyperRimUpscaleSession(new Request());
        var scaled = Assert.Single(Made(session, new() { Scale = 1.5 }));
        Assert.Equal((15, 9), (scaled.Width, scaled.Height));
        var clear = new Image(10, 6, 4);
        new Random(1).NextBytes(clear.Pixels);
        for (int k = 3; k < clear.Pixels.Length; k += 4) clear.Pixels[k] = (byte)(k / 4 % 10 < 5 ? 0 : 255);
        var file = Picture.Of(clear.Encode(ImageFormat.Png), "clear.png");
        var large = session.Ask(file, new UpscaleSettings(), cancellation: Cancellation).Items.Single();
        Assert.Equal((40, 4), (large.Width, large.Channels));
        Assert.Equal((0, 255), (large.Row(12)[3], large.Row(12)[(4 * 39) + 3]));
    }

    [Fact]
    public void Answers_with_matched_colours_are_the_picture_when_they_are_shrunk_back()
    {
        var picture = new Image(10, 6);
        picture.Fill(new PixelBox(0, 0, 10, 6), new Rgb(150, 90, 120));
        using var session = new HyperRimUpscaleSession(new Request());
        double Off(bool matches)
        {
            var answer = session.Ask(picture, new UpscaleSettings { MatchColours = matches }, cancellation: Cancellation).Items.Single();
            var back = answer.Resize(10, 6, ResizeFilter.Box);
            return picture.Pixels.ToArray().Zip(back.Pixels.ToArray(), (one, other) => Math.Abs(one - other)).Average();
        }

        Assert.True(Off(true) < Off(false) / 4, $"{Off(true):0.0} {Off(false):0.0}");
    }

    private static List<Image> Made(HyperRimUpscaleSession session, UpscaleSettings settings)
    {
        var picture = new Image(10, 6);
        new Random(1).NextBytes(picture.Pixels);
        return [.. session.Ask(picture, settings, cancellation: Cancellation).Items];
    }

    private sealed class Request : OpenRequest
    {
        public override string Name => "hyperrim";

        public override string NetworkName => "hyperrim";

        public override string Weights => "";

        public override IReadOnlyList<Capability> Capabilities => [new PictureUpscaler(4)];

        public override IReadOnlyList<string>? Classes => null;

        public override int Outputs => 0;

        public override T Network<T>()
        {
            TorchRuntime.ManualSeed(6);
            return (T)(Module)new HyperRimNetwork(HyperRimTests.Small);
        }

        public override Module<Tensor, Tensor> Features() => throw new NotSupportedException();
    }
}
