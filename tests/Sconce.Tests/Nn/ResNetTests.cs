using System.Text;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

/// <summary>Keys, shapes and behaviour of the shared residual network; its numbers are held by
/// tests/Sconce.Parity/Cases/resnet-*.json.</summary>
public sealed class ResNetTests
{
    /// <summary>The figures are torchvision 0.14.1's: parameters, entries of the state dict, FNV-1a 64 of its lines "key sizes".</summary>
    [Theory]
    [InlineData("resnet18", 11689512, 122, 0xBAE69ED15ADB3638)]
    [InlineData("resnet34", 21797672, 218, 0x2DA47AEDC56F5418)]
    [InlineData("resnet50", 25557032, 320, 0x4AC2FD3316287FBE)]
    [InlineData("resnet101", 44549160, 626, 0xA70BE0474695B85D)]
    [InlineData("resnet152", 60192808, 932, 0x629D70DC05083E00)]
    [InlineData("resnext50_32x4d", 25028904, 320, 0x9A4DA2D2DFF91767)]
    [InlineData("resnext101_32x8d", 88791336, 626, 0xC47FF019D2A082DE)]
    [InlineData("resnext101_64x4d", 83455272, 626, 0x8E8AEAB151F80863)]
    [InlineData("wide_resnet50_2", 68883240, 320, 0xC4425EA43DA6902E)]
    [InlineData("wide_resnet101_2", 126886696, 626, 0x42D15543F359FB69)]
    public void The_state_dict_is_that_of_torchvision(string name, long parameters, int entries, ulong hash)
    {
        using var skipped = Init.Skipped();
        using var network = new ResNet(ResNetConfiguration.Of(name));
        var state = network.StateDict();
        Assert.Equal(parameters, network.ParameterCount);
        Assert.Equal(entries, state.Count);
        Assert.Equal(hash, Hash(state));
    }

    [Fact]
    public void A_trunk_without_classes_has_no_classifier_and_gives_features()
    {
        using var network = new ResNet(ResNetConfiguration.ResNet18 with { Classes = 0 });
        network.Eval();
        using var scope = new TensorScope();
        Assert.DoesNotContain(network.StateDict(), entry => entry.Name.StartsWith("fc.", StringComparison.Ordinal));
        var pictures = Tensor.Randn([2, 3, 64, 96]);
        Assert.Equal([2, 512], network.Call(pictures).Shape);
        var maps = network.Features(pictures);
        Assert.Equal([2, 64, 16, 24], maps[0].Shape);
        Assert.Equal([2, 512, 2, 3], maps[3].Shape);
        Assert.Equal(network.StageWidths.Select(width => (long)width), maps.Select(map => map.Size(1)));
    }

    [Fact]
    public void A_dilated_stage_keeps_the_size_of_its_map()
    {
        using var skipped = Init.Skipped();
        using var network = new ResNet(new ResNetConfiguration(ResNetBlock.Bottleneck, [1, 1, 1, 1])
        { ReplaceStrideWithDilation = (false, true, true), Classes = 0 });
        using var scope = new TensorScope();
        Assert.Equal([1, 2048, 8, 8], network.LastMap(Tensor.Zeros([1, 3, 64, 64])).Shape);
    }

    [Fact]
    public void Zero_initialised_blocks_begin_as_their_shortcut()
    {
        using var network = new ResNet(new ResNetConfiguration(ResNetBlock.Basic, [2, 1, 1, 1]) { ZeroInitResidual = true, Classes = 0 });
        network.Eval();
        using var scope = new TensorScope();
        var map = Tensor.Randn([1, 64, 8, 8]).Relu();
        Assert.Equal(map.ToArray<float>(), network.Layer1.Call(map).ToArray<float>());
    }

    [Fact]
    public void Frozen_norms_are_buffers_and_do_not_change_in_training()
    {
        using var network = new ResNet(new ResNetConfiguration(ResNetBlock.Basic, [1, 1, 1, 1])
        { Norm = channels => new FrozenBatchNorm2d(channels), Classes = 0 });
        network.Train();
        using var scope = new TensorScope();
        Assert.DoesNotContain(network.NamedParameters(), named => named.Name.Contains("bn", StringComparison.Ordinal));
        Assert.Contains(network.NamedBuffers(), named => named.Name == "bn1.weight");
        network.Call(Tensor.Randn([2, 3, 32, 32]));
        Assert.Equal(0, network.NamedBuffers().First(named => named.Name == "bn1.running_mean").Buffer.Abs().Sum().Item<float>());
    }

    [Fact]
    public void Basic_blocks_refuse_groups_and_dilation()
    {
        var grouped = Assert.Throws<ArgumentException>(() => new ResNet(ResNetConfiguration.ResNet18 with { Groups = 2 }));
        Assert.Contains("bottlenecks", grouped.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() =>
            new ResNet(ResNetConfiguration.ResNet18 with { ReplaceStrideWithDilation = (true, false, false) }));
        Assert.Throws<ArgumentException>(() => new ResNet(new ResNetConfiguration(ResNetBlock.Basic, [1, 1])));
        Assert.Throws<ArgumentException>(() => ResNetConfiguration.Of("resnet19"));
    }

    private static ulong Hash(IEnumerable<StateEntry> state)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (var (name, tensor) in state)
        {
            foreach (byte b in Encoding.UTF8.GetBytes($"{name} {string.Join(',', tensor.Shape.ToArray())}\n"))
                hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }
}
