using Sconce.Abilities;
using Sconce.Adversarial;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Analysis.Looks;
using Sconce.Systems.Analysis.RankCollapse;
using Sconce.Systems.Detection.BrowserDetection;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Looks;

public class PictureExplanationTests
{
    [Fact]
    public void Heat_lies_where_the_class_is_seen()
    {
        using var session = new ExplainPicture().Open(LookedAt.Request(() =>
        {
            // Channel 0 is brightness, and the first class is as sure as it is bright.
            var network = LookedAt.Network();
            using var off = Gradients.Off();
            foreach (string name in (string[])["conv", "deep"])
            {
                var conv = (Conv2d)network[name];
                conv.Weight.FillInPlace(0);
                conv.Bias!.FillInPlace(0);
                conv.Weight.FillInPlace(1, 0, 0, (int)conv.Weight.Size(2) / 2, (int)conv.Weight.Size(3) / 2);
            }

            var head = (Linear)network["head"];
            head.Weight.FillInPlace(0);
            head.Bias!.FillInPlace(0);
            head.Weight.FillInPlace(1, 0, 0);
            return network;
        }));
        var picture = LookedAt.Picture((x, y) => (byte)(x < 16 && y < 16 ? 250 : 0));
        var answer = session.Ask(Picture.Of(picture));
        Assert.Equal("kind0", answer.Likely.Best.Name);
        Assert.Equal("Grad-CAM", answer.Told.Items[0][2]);
        var map = answer.Map.Picture;
        Assert.InRange(At(map, 5, 5), 60_000, ushort.MaxValue);
        Assert.InRange(At(map, 25, 25), 0, 1_000);
        var other = session.Ask(Picture.Of(picture), new PictureExplanationSettings { Class = "kind1" });
        Assert.Equal("kind1", other.Told.Items[0][0]);
        var fault = Assert.Throws<SettingsException>(() => session.Ask(Picture.Of(picture), new() { Class = "kind3" }));
        Assert.Contains("Did you mean", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_transformer_is_explained_by_its_attention_and_its_tokens_stay_apart_by_its_skips()
    {
        var config = new VitConfig(24, 6, 2) { ImageSize = 32, PatchSize = 8, Classes = 2 };
        var picture = LookedAt.Picture((x, y) => (byte)((x * 8) ^ (y * 5)));
        using (var session = new ExplainPicture().Open(LookedAt.Request(() => new VisionTransformer(config))))
        {
            var answer = session.Ask(Picture.Of(picture));
            Assert.Equal("attention rollout", answer.Told.Items[0][2]);
            Assert.Equal("Grad-CAM", session.Ask(Picture.Of(picture), new() { Layer = "blocks.3" }).Told.Items[0][2]);
        }

        using var ranks = new ExplainRank().Open(LookedAt.Request(() => new VisionTransformer(config)));
        var layers = ranks.Ask(Picture.Of(picture), new RankSettings { Rank = true }).Layers;
        Assert.Equal(7, layers.Items.Count);
        Assert.All(layers.Items[0].Skip(1), share => Assert.Equal((double)layers.Items[0][1]!, (double)share!));
        Assert.True((double)layers.Items[6][4]! < 0.1 * (double)layers.Items[6][1]!, $"{layers.Items[6][4]} {layers.Items[6][1]}");
    }

    [Fact]
    public void The_first_tokens_are_those_that_the_network_reads()
    {
        var config = new VitConfig(24, 2, 2) { ImageSize = 32, PatchSize = 8, Classes = 2 };
        using var session = new ExplainRank().Open(LookedAt.Request(() => new VisionTransformer(config)));
        var layers = session.Ask(Picture.Of(LookedAt.Picture((x, y) => (byte)(x * y))), new RankSettings { Rank = true }).Layers;
        TorchRuntime.ManualSeed(7);
        using var network = new VisionTransformer(config);
        network.Eval();
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var picture = LookedAt.Picture((x, y) => (byte)(x * y)).ToTensor().Unsqueeze(0);
        using var last = Features.Of(network, picture, "blocks.1")[0];
        double share = ResidualMeasures.Ratio(last.To(DType.Float64)).Item<double>();
        Assert.Equal(share, (double)layers.Items[2][1]!, 1e-4);
    }

    [Fact]
    public void A_network_without_attention_has_no_ranks()
    {
        using var session = new ExplainRank().Open(LookedAt.Request());
        var fault = Assert.Throws<UsageException>(() => session.Ask(Picture.Of(LookedAt.Picture((_, _) => 7))));
        Assert.Contains("no blocks of attention", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_detector_is_explained_at_its_surest_place()
    {
        var variant = new BrowserDetectionSystem().Variants[0];
        var request = new MadeRequest(() => new CenterNetLite(new CenterNetConfig { Classes = 2 }), [.. variant.Capabilities])
        {
            OwnClasses = ["cat", "dog"],
            Size = 64,
        };
        using var session = new ExplainPicture().Open(request);
        var answer = session.Ask(Picture.Of(LookedAt.Picture((x, _) => (byte)(8 * x))));
        Assert.Equal(2, answer.Likely.Items.Count);
        Assert.Equal(32, answer.Heat.Picture.Width);
    }

    [Fact]
    public void Steps_along_the_sign_do_more_harm_than_signs_at_random_and_stay_in_their_box()
    {
        using var scope = new TensorScope();
        using var generator = new Generator(1);
        var weight = Tensor.Randn([3 * 64], generator);
        var attack = new SignAttack(pictures => (pictures.Flatten(1) * weight).Sum());
        var pictures = Tensor.Rand([4, 3, 8, 8], generator);
        double Loss(Tensor asked) => (asked.Flatten(1) * weight).Sum().Item<float>();
        var fast = attack.FastGradientSign(pictures, 0.02);
        Assert.True(Loss(fast) - Loss(pictures) > 4 * Math.Abs(Loss(SignAttack.RandomSigns(pictures, 0.02, generator)) - Loss(pictures)));
        var projected = attack.Projected(pictures, 0.02, 0.01, 5);
        Assert.InRange((projected - pictures).Abs().Max().Item<float>(), 0.0199f, 0.0201f);
        Assert.InRange(projected.Min().Item<float>(), 0, 1);
    }

    private static int At(Image map, int x, int y) => map.Pixels16[(y * map.Width) + x];
}
