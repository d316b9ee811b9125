using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.DensePrediction.DepthSegmentation;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.DepthSegmentation;

/// <summary>Pictures through the sessions, with a small network of random weights.</summary>
[Collection(LiveTensors.Name)]
public sealed class StreetAbilityTests
{
    private static readonly DepthSegmentationConfig Small = new()
    {
        Backbone = ResNetConfiguration.ResNet18,
        Decoder = new DepthDecoderConfig { Widths = [4, 4, 8, 8, 8] },
        MultiTask = new MultiTaskConfig(),
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void A_map_has_sixteen_bits_and_says_the_networks_disparity()
    {
        var picture = Noise(64, 96);
        using var session = new DepthSession(Request(64));
        var answer = session.Ask(picture, cancellation: Cancellation);
        var map = answer.Map.Picture;
        Assert.Equal((64, 96, 1, 16), (map.Width, map.Height, map.Channels, map.BitDepth));
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        using var network = Request(64).Network<DepthSegmentationNetwork>();
        float[] disparity = network.Predict(picture.ToTensor().Unsqueeze(0)).Disparity.Reshape([-1]).ToArray<float>();
        Assert.Equal(disparity.Select(value => (ushort)Math.Round(65535 * Math.Clamp(value, 0, 1))), map.Pixels16.ToArray());
        Assert.Equal((64, 96, 3), (answer.Colours.Picture.Width, answer.Colours.Picture.Height, answer.Colours.Picture.Channels));
        Assert.Equal("none", answer.Depths.Items[0][3]);
        Assert.True((double)answer.Depths.Items[0][0]! <= (double)answer.Depths.Items[0][2]!);
    }

    [Fact]
    public void One_distance_that_is_known_gives_metres()
    {
        using var session = new DepthSession(Request(32));
        var picture = Noise(70, 50);
        var free = session.Ask(picture, cancellation: Cancellation);
        var known = session.Ask(picture, new DepthSettings { Distance = 12, At = [30, 20] }, cancellation: Cancellation);
        Assert.Equal("m", known.Depths.Items[0][3]);
        double here = DepthDrawing.Depth(free.Map.Picture.Pixels16[(20 * 70) + 30] / 65535.0);
        Assert.Equal(12 / here, (double)known.Depths.Items[0][1]! / (double)free.Depths.Items[0][1]!, 1e-2);
        Assert.Throws<SettingsException>(() => session.Ask(picture, new DepthSettings { Distance = 12 }, cancellation: Cancellation));
        Assert.Throws<SettingsException>(() => session.Ask(picture, new DepthSettings { At = [1, 1] }, cancellation: Cancellation));
        var outside = () => session.Ask(picture, new DepthSettings { Distance = 12, At = [70, 20] }, cancellation: Cancellation);
        Assert.Contains("outside", Assert.Throws<SettingsException>(outside).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_near_is_bright_and_what_is_far_is_dark()
    {
        var colours = DepthDrawing.Colours(3, 1, [0.1f, 0.2f, 0.3f]);
        Assert.Equal([20, 11, 53], colours.Pixels[..3].ToArray());
        Assert.Equal([187, 55, 84], colours.Pixels[3..6].ToArray());
        Assert.Equal([252, 255, 164], colours.Pixels[6..].ToArray());
        Assert.Equal([20, 11, 53], DepthDrawing.Colours(1, 1, [0.5f]).Pixels.ToArray());
        Assert.Equal([0, 65535], DepthDrawing.Map(2, 1, [-0.1f, 1]).Pixels16.ToArray().Select(value => (int)value));
    }

    [Fact]
    public void Every_pixel_has_the_likeliest_class_and_unsure_ones_have_none()
    {
        var picture = Noise(64, 64);
        using var session = new StreetSession(Request(64));
        var answer = session.Ask(picture, cancellation: Cancellation);
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        using var network = Request(64).Network<DepthSegmentationNetwork>();
        long[] likeliest = network.Predict(picture.ToTensor().Unsqueeze(0)).Semantics!.Argmax(1).Reshape([-1]).ToArray<long>();
        Assert.Equal(likeliest.Select(number => (int)number), answer.Classes.Classes);
        Assert.Equal(("road", "bicycle", 19), (answer.Classes.Names[0], answer.Classes.Names[18], answer.Classes.Names.Count));
        Assert.Equal((64, 64), (answer.Drawn.Picture.Width, answer.Drawn.Picture.Height));
        var unsure = session.Ask(picture, new StreetSettings { Threshold = 1 }, cancellation: Cancellation);
        Assert.All(unsure.Classes.Classes, number => Assert.Equal(-1, number));
        Assert.Equal(picture.Pixels.ToArray(), unsure.Drawn.Picture.Pixels.ToArray());
        var labels = new StreetSettings { Labels = new LabelList(["one", "two"]) };
        Assert.Throws<SettingsException>(() => session.Ask(picture, labels, cancellation: Cancellation));
    }

    [Theory]
    [InlineData(2048, 1024, 1024, 512)]
    [InlineData(300, 200, 768, 512)]
    [InlineData(20000, 100, 2048, 64)]
    public void A_picture_is_seen_at_512_pixels_in_steps_of_32(int width, int height, int wide, int high) =>
        Assert.Equal((wide, high), StreetNetwork.SeenSize(width, height, 512));

    [Fact]
    public void A_released_checkpoint_is_read_from_under_its_models()
    {
        using var scope = new TensorScope();
        using var released = new ModuleDictionary<Module> { ["models"] = new DepthSegmentationNetwork(Small with { HasPose = true }) };
        using var network = new DepthSegmentationNetwork(Small); // it has no motion, which is left alone
        string path = Path.Combine(Path.GetTempPath(), $"sconce-street-{Guid.NewGuid():N}.safetensors");
        try
        {
            ModelWeights.Save(released, path, cancellation: Cancellation);
            StreetNetwork.Load(network, path);
            var written = released.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
            Assert.All(network.StateDict(), entry => Assert.True(entry.Tensor.Equal(written["models." + entry.Name])));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static MadeRequest Request(int side) =>
        new(() => new DepthSegmentationNetwork(Small), new DepthEstimator(), PixelClassifier.Cityscapes) { Size = side };

    private static Image Noise(int width, int height)
    {
        var image = new Image(width, height);
        new Random(3).NextBytes(image.Pixels);
        return image;
    }
}
