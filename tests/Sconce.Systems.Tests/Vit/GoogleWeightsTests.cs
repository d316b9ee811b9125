using System.IO.Compression;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;
using Sconce.Systems.Classification.Vit;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Vit;

/// <summary>Files as flax writes them, made here from a network's weights, and read back.</summary>
[Collection(LiveTensors.Name)]
public sealed class GoogleWeightsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-vit-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("opt/target/")]
    public void A_file_fills_a_network_that_then_answers_alike(string prefix)
    {
        using var scope = new TensorScope();
        using var source = new VisionTransformer(VitModelTests.Mini with { RepresentationSize = 48 });
        Scatter(source);
        var arrays = Flax(source).ToDictionary(entry => prefix + entry.Key, entry => entry.Value);
        if (prefix.Length > 0) arrays["opt/state/step"] = Tensor.Ones([1]);
        string path = Write(arrays);
        using var target = new VisionTransformer(VitModelTests.Mini with { RepresentationSize = 48 });
        GoogleWeights.Load(target, path);
        Assert.All(source.StateDict().Zip(target.StateDict()),
            pair => Assert.True(pair.First.Tensor.EqualTo(pair.Second.Tensor), pair.First.Name));
        using var fineTuned = new VisionTransformer(VitModelTests.Mini with { Classes = 3 });
        GoogleWeights.Load(fineTuned, path, newHead: true); // the representation layer and the head stay behind
        Assert.True(fineTuned.Norm!.Weight!.EqualTo(source.Norm!.Weight!));
    }

    [Fact]
    public void Positions_of_another_grid_are_resampled_the_way_that_was_asked_for()
    {
        using var scope = new TensorScope();
        using var source = new VisionTransformer(VitModelTests.Mini);
        Scatter(source);
        string path = Write(Flax(source));
        using var larger = new VisionTransformer(VitModelTests.Mini with { ImageSize = 48 });
        foreach (var resize in Enum.GetValues<PositionResize>())
        {
            GoogleWeights.Load(larger, path, resize);
            Assert.True(larger.PosEmbed!.EqualTo(PositionEmbedding.Resize(source.PosEmbed!, 6, resize)));
        }
    }

    [Fact]
    public void Whatever_does_not_fit_is_named_and_nothing_is_changed()
    {
        using var scope = new TensorScope();
        using var source = new VisionTransformer(VitModelTests.Mini);
        using var target = new VisionTransformer(VitModelTests.Mini);
        var before = target.StateDict().Select(entry => entry.Tensor.Clone()).ToList();
        var arrays = Flax(source);
        arrays.Remove("Transformer/encoderblock_1/LayerNorm_2/scale");
        arrays["Transformer/encoderblock_2/LayerNorm_0/scale"] = Tensor.Ones([48]);
        arrays["head/kernel"] = Tensor.Ones([48, 11]);
        arrays["embedding/kernel"] = Tensor.Ones([3, 48]);
        string message = Assert.Throws<CheckpointException>(() => GoogleWeights.Load(target, Write(arrays))).Message;
        Assert.All(
            (string[])["no array for Transformer/encoderblock_1/LayerNorm_2/scale",
                "network lacks: Transformer/encoderblock_2/LayerNorm_0/scale", "head.weight: [11, 48] from the file",
                "embedding/kernel has the shape [3, 48]", "weights.npz"],
            part => Assert.Contains(part, message));
        Assert.All(before.Zip(target.StateDict()), pair => Assert.True(pair.First.EqualTo(pair.Second.Tensor)));
        arrays = Flax(source);
        arrays["Transformer/posembed_input/pos_embedding"] = Tensor.Ones([1, 12, 48]);
        Assert.Contains("pos_embed", Assert.Throws<CheckpointException>(() => GoogleWeights.Load(target, Write(arrays))).Message);
    }

    /// <summary>Numbers that no transposition leaves alone.</summary>
    private static void Scatter(Module network)
    {
        foreach (var parameter in network.Parameters()) Init.Normal(parameter);
    }

    private static Dictionary<string, Tensor> Flax(VisionTransformer network)
    {
        const int width = 48, heads = 3, head = 16;
        using var noGrad = Gradients.Off();
        var arrays = new Dictionary<string, Tensor>
        {
            ["cls"] = network.ClsToken!,
            ["Transformer/posembed_input/pos_embedding"] = network.PosEmbed!,
            ["embedding/kernel"] = network.PatchEmbed.Proj.Weight.Permute([2, 3, 1, 0]),
            ["embedding/bias"] = network.PatchEmbed.Proj.Bias!,
            ["Transformer/encoder_norm/scale"] = network.Norm!.Weight!,
            ["Transformer/encoder_norm/bias"] = network.Norm.Bias!,
        };
        Dense("head", network.Head!);
        if (network.PreLogits is { } representation) Dense("pre_logits", representation.Fc);
        for (int k = 0; k < network.Blocks.Count; k++)
        {
            var block = (Block)network.Blocks[k];
            string prefix = $"Transformer/encoderblock_{k}/", attention = prefix + "MultiHeadDotProductAttention_1/";
            Norm(prefix + "LayerNorm_0", block.Norm1);
            Norm(prefix + "LayerNorm_2", block.Norm2);
            Dense(prefix + "MlpBlock_3/Dense_0", block.Mlp.Fc1);
            Dense(prefix + "MlpBlock_3/Dense_1", block.Mlp.Fc2);
            foreach (var (part, number) in new[] { ("query", 0), ("key", 1), ("value", 2) })
            {
                var rows = (number * width)..((number + 1) * width);
                arrays[$"{attention}{part}/kernel"] = block.Attention.Qkv.Weight[rows].Reshape([heads, head, width]).Permute([2, 0, 1]);
                arrays[$"{attention}{part}/bias"] = block.Attention.Qkv.Bias![rows].Reshape([heads, head]);
            }

            arrays[attention + "out/kernel"] = block.Attention.Proj.Weight.Reshape([width, heads, head]).Permute([1, 2, 0]);
            arrays[attention + "out/bias"] = block.Attention.Proj.Bias!;
        }

        return arrays;

        void Dense(string name, Linear layer) => (arrays[name + "/kernel"], arrays[name + "/bias"]) = (layer.Weight.T(), layer.Bias!);
        void Norm(string name, LayerNorm layer) => (arrays[name + "/scale"], arrays[name + "/bias"]) = (layer.Weight!, layer.Bias!);
    }

    private string Write(Dictionary<string, Tensor> arrays)
    {
        string path = Path.Combine(folder, "weights.npz"), one = Path.Combine(folder, "one.npy");
        File.Delete(path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var (name, array) in arrays)
        {
            NpyWriter.Save(one, TensorData.Of("", DType.Float32, array.Shape, array.ToArray<float>()));
            archive.CreateEntryFromFile(one, name + ".npy", CompressionLevel.NoCompression);
        }

        return path;
    }
}
