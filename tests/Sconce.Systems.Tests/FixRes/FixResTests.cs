using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Classification.FixRes;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.FixRes;

[Collection(LiveTensors.Name)]
public class FixResTests
{
    private static readonly EfficientNetConfig Small = new(0.25, 0.5) { Classes = 6 };

    [Theory]
    [InlineData("tf_efficientnet_b0", 2008133881326125513UL)]
    [InlineData("tf_efficientnet_b1", 11935851933442947232UL)]
    [InlineData("tf_efficientnet_b2", 2722555892425912011UL)]
    [InlineData("tf_efficientnet_b3", 9555906382980381697UL)]
    [InlineData("tf_efficientnet_b4", 10144465894210697122UL)]
    [InlineData("tf_efficientnet_b5", 5402686578656823116UL)]
    [InlineData("tf_efficientnet_b6", 10154179993640785924UL)]
    [InlineData("tf_efficientnet_b7", 7134598967300115231UL)]
    [InlineData("tf_efficientnet_b8", 17742818425164863069UL)]
    [InlineData("tf_efficientnet_l2", 11523547258894941807UL)]
    public void Each_variant_has_timms_keys_and_number_of_parameters(string name, ulong keys)
    {
        var variant = FixResVariants.All.Single(variant => variant.Name == name);
        using var skipped = Init.Skipped();
        using var network = variant.Create(ModelOptions.Official);
        StateHash.Verify(keys, network);
        Assert.Equal(variant.Parameters, network.ParameterCount);
        Assert.IsType<Linear>(network[variant.Find<IHasClasses>()!.Head]);
    }

    [Theory]
    [InlineData(1.1, 32, 32)]
    [InlineData(1.4, 16, 24)]
    [InlineData(0.25, 16, 8)]
    [InlineData(2.0, 1280, 2560)]
    public void Channels_scale_to_multiples_of_eight(double width, int channels, int expected) =>
        Assert.Equal(expected, new EfficientNetConfig(width, 1).Channels(channels));

    [Theory]
    [InlineData(320, 3, 2, 1)]
    [InlineData(75, 3, 2, 2)]
    [InlineData(224, 5, 2, 3)]
    [InlineData(7, 5, 1, 4)]
    public void Padding_depends_on_the_size(int size, int kernel, int stride, int missing)
    {
        Assert.Equal(missing, SamePadding.Missing(size, kernel, stride));
        using var scope = new TensorScope();
        using var convolution = new SameConv2d(1, 1, kernel, stride);
        Assert.Equal((size + stride - 1) / stride, convolution.Call(Tensor.Zeros([1, 1, size, 8])).Size(2));
    }

    [Fact]
    public void Fine_tuning_changes_the_classifier_and_the_last_norms_statistics_only()
    {
        using var scope = new TensorScope();
        using var network = new EfficientNet(Small with { DropPath = 0.3, Dropout = 0.5 });
        var before = network.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor.Detach().Clone());
        var tuning = new FixResFineTuning(network, FixResLayers.EfficientNet);
        using var optimizer = tuning.Optimizer(1e-3, 512);
        var (x, y) = (Tensor.Randn([4, 3, 40, 40]), Tensor.From(new long[] { 0, 1, 2, 3 }));
        network.Train(); // as a loop would leave it
        tuning.Loss(x, y).Backward();
        optimizer.Step();
        string[] changed = [.. network.StateDict().Where(entry => !entry.Tensor.EqualTo(before[entry.Name])).Select(entry => entry.Name)];
        Assert.Equal(["bn2.num_batches_tracked", "bn2.running_mean", "bn2.running_var", "classifier.bias", "classifier.weight"],
            changed.Order());
        Assert.Equal(8e-3, optimizer.LearningRate, 1e-9);
    }

    [Fact]
    public void A_network_without_such_layers_is_refused_by_name()
    {
        using var network = new EfficientNet(Small);
        Assert.Contains("layer4.2.bn3", Assert.Throws<ArgumentException>(() => new FixResFineTuning(network, FixResLayers.ResNet)).Message,
            StringComparison.Ordinal);
        Assert.Contains("head", Assert.Throws<ArgumentException>(() => new FixResFineTuning(network, new FixResLayers("head", "bn2")))
            .Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, 375)]
    [InlineData(375, 500)]
    [InlineData(100, 400)]
    public void The_test_transform_gives_its_size_whatever_the_pictures_shape(int width, int height)
    {
        using var scope = new TensorScope();
        var picture = new Image(width, height);
        picture.Bytes.Fill(255);
        var tensor = FixResVariants.TestTransform(64).Apply(picture);
        Assert.Equal([3, 64, 64], tensor.Shape.ToArray());
        var (wide, high) = FixResTransform.Resized(width, height, 64);
        Assert.Equal(73, high);
        bool narrow = wide < 64;
        Assert.Equal(narrow, tensor[0, 32, 0].Item<float>() < 0); // zeros beside a picture that is too narrow
    }

    [Fact]
    public void Stochastic_depth_rises_over_the_blocks_and_is_none_in_evaluation()
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        using var network = new EfficientNet(new EfficientNetConfig(0.25, 1) { Classes = 4, DropPath = 0.4 });
        double[] rates = [.. network.NamedModules().Select(named => named.Module).OfType<DropPath>().Select(drop => drop.Rate)];
        Assert.Equal(rates.Order(), rates);
        Assert.Equal(15, rates.Length);
        network.Eval();
        var x = Tensor.Randn([1, 3, 64, 64]);
        Assert.True(network.Call(x).EqualTo(network.Call(x)));
    }

    [Fact]
    public void The_rule_can_fail()
    {
        Assert.Equal(Verdict.Holds, FixResClaim.Judge([0.4, 0.4], [0.8, 0.8], [0.45, 0.45], true).Verdict);
        Assert.Equal(Verdict.DoesNotHold, FixResClaim.Judge([0.4, 0.4], [0.8, 0.8], [0.45, 0.45], false).Verdict);
        Assert.Equal(Verdict.DoesNotHold, FixResClaim.Judge([0.4, 0.4], [0.5, 0.5], [0.45, 0.45], true).Verdict);
        Assert.Equal(Verdict.DoesNotHold, FixResClaim.Judge([0.4, 0.4], [0.8, 0.8], [0.75, 0.75], true).Verdict);
        Assert.Equal(Verdict.Undecided, FixResClaim.Judge([0.4], [0.8], [0.45], true).Verdict);
    }

    [Fact]
    public void A_quick_run_leaves_nothing_behind()
    {
        var claim = new FixResClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        Assert.Equal(Verdict.Undecided, claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken).Verdict);
        Assert.Equal(live, LiveTensors.Count);
    }
}
