using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Systems.Detection.ArtDetection;
using Sconce.Systems.Detection.Tsp;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.ArtDetection;

[Collection(LiveTensors.Name)]
public sealed class ArtAbilityTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_photo_keeps_its_size_in_any_style_and_is_itself_without_one()
    {
        Image photo = Noise(50, 37, 1), painting = Noise(40, 60, 2);
        using var session = new Stylize().Open(new Request(new AdaInNetwork(), []) { Size = 40 });
        var painted = session.Ask(photo, new StylizeSettings { Style = painting, KeepColours = true }, cancellation: Cancellation).Picture;
        Assert.Equal((50, 37), (painted.Width, painted.Height));
        Assert.NotEqual(photo.Pixels.ToArray(), painted.Pixels.ToArray());
        var same = session.Ask(photo, new StylizeSettings { Style = painting, Alpha = 0 }, cancellation: Cancellation).Picture;
        Assert.Equal(photo.Pixels.ToArray(), same.Pixels.ToArray());
    }

    [Fact]
    public void A_style_that_is_not_named_is_asked_for()
    {
        using var session = new Stylize().Open(new Request(new AdaInNetwork(), []));
        var error = Assert.ThrowsAny<UsageException>(() => session.Ask(Noise(32, 32, 1), cancellation: Cancellation));
        Assert.Contains("style", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tsp_fcos_r50")]
    [InlineData("tsp_rcnn_r50")]
    public void A_detectors_boxes_lie_in_the_picture_and_have_names(string name)
    {
        var variant = TspVariants.All.Single(variant => variant.Name == name);
        Module network = name == "tsp_fcos_r50"
            ? new TspFcos(new TspFcosConfig { Backbone = new TspBackboneConfig { Depth = 18 }, Features = 30 })
            : new TspRcnn(new TspRcnnConfig { Backbone = new TspBackboneConfig { Depth = 18, FinestLevel = 2 }, Proposals = 20 });
        using var session = new Detect().Open(new Request(network, variant.Capabilities) { Size = 64 });
        var found = session.Ask(Noise(90, 60, 3), new DetectSettings { Threshold = 0 }, cancellation: Cancellation).Items;
        Assert.NotEmpty(found);
        Assert.All(found, box => Assert.True(box.Left >= 0 && box.Top >= 0 && box.Right <= 90 && box.Bottom <= 60 && box.Name.Length > 1));
    }

    private static Image Noise(int width, int height, int seed)
    {
        var image = new Image(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    private sealed class Request(Module network, IReadOnlyList<Capability> capabilities) : OpenRequest
    {
        public override string Name => "network";

        public override string NetworkName => "network";

        public override string Weights => "";

        public override IReadOnlyList<Capability> Capabilities => capabilities;

        public override IReadOnlyList<string>? Classes => null;

        public override int Outputs => 1;

        public override T Network<T>()
        {
            network.Eval();
            return (T)network;
        }

        public override Module<Tensor, Tensor> Features() => throw new NotSupportedException();
    }
}
