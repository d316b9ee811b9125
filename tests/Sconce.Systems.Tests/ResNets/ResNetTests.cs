using Sconce.Abilities;
using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Tests.Common;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.ResNets;

/// <summary>The residual networks of the catalogue: keys, and a published checkpoint's accuracy.</summary>
public sealed class ResNetTests
{
    /// <summary>The parameters are those of the publisher's table; the hash locks keys and shapes, which <c>resnet20-12fca82f.th</c>
    /// shares.</summary>
    [Theory]
    [InlineData("resnet20", 269_722, 13648951834386855346)]
    [InlineData("resnet32", 464_154, 15838542739657993174)]
    [InlineData("resnet44", 658_586, 18311867455522949162)]
    [InlineData("resnet56", 853_018, 6848887566255556942)]
    [InlineData("resnet110", 1_727_962, 7228778016887368498)]
    [InlineData("resnet18", 11_689_512, 0xBAE69ED15ADB3638)]
    [InlineData("resnet50", 25_557_032, 0x4AC2FD3316287FBE)]
    public void Keys_and_parameters_are_locked(string name, long parameters, ulong hash)
    {
        using var skipped = Init.Skipped();
        var variant = Models.Registry.Get(name);
        using var network = Models.Create(name);
        Assert.Equal(parameters, network.ParameterCount);
        Assert.Equal(parameters, variant.Parameters);
        StateHash.Verify(hash, network);
    }

    [Fact]
    public void Without_classes_it_gives_features_and_other_sizes_work()
    {
        using var network = ClassifierNetwork.Create(Models.Registry.Get("resnet20"), 0, null);
        using var scope = new TensorScope();
        Assert.Equal([2, 64], network.Call(Tensor.Randn([2, 3, 40, 48])).Shape);
    }

    /// <summary>A shortcut that halves the map takes every second pixel and puts zeros before and after: with branches at zero a block is
    /// its shortcut.</summary>
    [Fact]
    public void A_shortcut_without_parameters_pads_channels_on_both_sides()
    {
        using var scope = new TensorScope();
        using var block = new Classification.ResNets.CifarResNetBlock(2, 4);
        block.Eval();
        block.StateDict().Single(entry => entry.Name == "bn2.weight").Tensor.Detach().ZeroInPlace();
        var x = Tensor.Rand([1, 2, 4, 4]);
        float[] found = block.Call(x).ToArray<float>(), own = x.ToArray<float>();
        for (int c = 0; c < 4; c++)
        {
            for (int k = 0; k < 4; k++) Assert.Equal(c is 0 or 3 ? 0 : own[((c - 1) * 16) + (k / 2 * 8) + (k % 2 * 2)], found[(c * 4) + k]);
        }
    }

    /// <summary>The figures were measured with the publisher's code: 1,627 of 2,000, and the first picture's first three logits.</summary>
    [Fact]
    public void The_published_ResNet20_has_the_accuracy_that_its_publishers_code_measures()
    {
        string checkpoint = Shared("data/checkpoints/resnet20-12fca82f.th"),
            folder = Path.GetDirectoryName(Shared("data/cifar10-subset/test.bin"))!;
        var variant = Models.Registry.Get("resnet20");
        using var network = Models.Create("resnet20");
        ModelWeights.Load(network, checkpoint);
        var (images, classes, _) = LabelledImages.OpenTest(folder, null);
        var preprocessing = variant.Get<ImageClassifier>().Preprocessing;
        var loader = ImageLoader.Create(images, preprocessing, new DataLoaderOptions { BatchSize = 250 }, classes.Count);
        double[]? first = null;
        ClassifierEvaluation.Each(network, loader, null, (_, logits) => first ??= logits[0, ..3].ToArray<double>(), null,
            TestContext.Current.CancellationToken);
        Assert.Equal(7.890107, first![0], 1e-4);
        Assert.Equal(-1.087656, first[1], 1e-4);
        Assert.Equal(2.634229, first[2], 1e-4);
        Assert.Equal(0.8135, ClassifierEvaluation.Run(network, loader, classes.Count,
            cancellation: TestContext.Current.CancellationToken).Accuracy);
    }

    private static string Shared(string file)
    {
        string? path = SharedFiles.Find(file);
        Assert.SkipWhen(path is null, $"needs ../shared/{file}");
        return path!;
    }
}
