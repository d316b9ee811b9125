using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Classification.Vit;

/// <summary>
/// Google's own checkpoints (<c>.npz</c>, flax names): patch kernels are HWIO there, linear ones (in, out), and queries, keys and values
/// have a kernel each with the heads apart (google-research/vision_transformer@c6de1e5 vit_jax/models_vit.py).
/// </summary>
public static class GoogleWeights
{
    /// <summary>Fills a network with such a file; positions of another grid are resampled. Nothing is changed unless everything
    /// fits.</summary>
    /// <param name="network">A vision transformer of the file's width, depth and patches.</param>
    /// <param name="path">The file.</param>
    /// <param name="resize">How positions are resampled where the network's pictures have another size.</param>
    /// <param name="newHead">Leaves the network's classifier as it is, for other classes than the file's.</param>
    /// <exception cref="CheckpointException">The file is damaged, or its names or shapes are not this network's; the message names
    /// them.</exception>
    public static void Load(VisionTransformer network, string path, PositionResize resize = PositionResize.Bilinear, bool newHead = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var checkpoint = Checkpoint.Open(path);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var file = new FlaxFile(checkpoint);
        var converted = new List<(Tensor Target, Tensor Source)>();
        foreach (var (name, target) in network.StateDict())
        {
            if (newHead && name.StartsWith("head.", StringComparison.Ordinal)) continue;
            var source = name == "pos_embed" ? Positions(file, network, resize) : Convert(file, name);
            if (source is null) continue;
            if (source.Shape.SequenceEqual(target.Shape)) converted.Add((target, source));
            else file.Fault($"{name}: [{string.Join(", ", source.Shape.ToArray())}] from the file, "
                + $"[{string.Join(", ", target.Shape.ToArray())}] in the network");
        }

        // The representation layer belongs to pre-training; a network without one leaves it, as the official fine-tuning does.
        file.Finish(ignored: [newHead ? "head/" : null, network.PreLogits is null ? "pre_logits/" : null]);
        foreach (var (target, source) in converted) target.CopyInPlace(source);
    }

    private static Tensor? Positions(FlaxFile file, VisionTransformer network, PositionResize resize)
    {
        var positions = file.Take("Transformer/posembed_input/pos_embedding");
        if (positions is null || positions.Dimensions != 3 || positions.Shape.SequenceEqual(network.PosEmbed!.Shape)) return positions;
        try
        {
            return PositionEmbedding.Resize(positions, network.Grid, resize, network.Config.PrefixPositions
                ? network.Config.PrefixTokens : 0);
        }
        catch (ArgumentException impossible)
        {
            file.Fault($"pos_embed: {impossible.Message}");
            return null;
        }
    }

    /// <summary>The file's array for one of the network's names, as the network wants it; null with a fault noted where there is
    /// none.</summary>
    private static Tensor? Convert(FlaxFile file, string name)
    {
        if (name == "cls_token") return file.Take("cls");
        string[] parts = name.Split('.');
        bool isWeight = parts[^1] == "weight";
        return parts switch
        {
            ["patch_embed", "proj", _] => isWeight ? file.Take("embedding/kernel", 4)?.Permute([3, 2, 0, 1]) : file.Take("embedding/bias"),
            ["norm", _] => Norm(file, "Transformer/encoder_norm", isWeight),
            ["head", _] => Linear(file, "head", isWeight),
            ["pre_logits", "fc", _] => Linear(file, "pre_logits", isWeight),
            ["blocks", var number, .. var inner, _] =>
                Block(file, $"Transformer/encoderblock_{number}/", string.Join('.', inner), isWeight),
            _ => file.Lacks(name),
        };
    }

    private static Tensor? Block(FlaxFile file, string prefix, string inner, bool isWeight) => inner switch
    {
        "norm1" => Norm(file, prefix + "LayerNorm_0", isWeight),
        "norm2" => Norm(file, prefix + "LayerNorm_2", isWeight),
        "attn.qkv" => Packed(file, prefix + "MultiHeadDotProductAttention_1/", isWeight),
        // (heads, d, D) -> (D, heads·d)
        "attn.proj" when isWeight => file.Take(prefix + "MultiHeadDotProductAttention_1/out/kernel", 3)?.Flatten(0, 1).T(),
        "attn.proj" => file.Take(prefix + "MultiHeadDotProductAttention_1/out/bias"),
        "mlp.fc1" => Linear(file, prefix + "MlpBlock_3/Dense_0", isWeight),
        "mlp.fc2" => Linear(file, prefix + "MlpBlock_3/Dense_1", isWeight),
        _ => file.Lacks(prefix + inner),
    };

    private static Tensor? Norm(FlaxFile file, string name, bool isWeight) => file.Take(isWeight ? name + "/scale" : name + "/bias");

    private static Tensor? Linear(FlaxFile file, string name, bool isWeight) =>
        isWeight ? file.Take(name + "/kernel", 2)?.T() : file.Take(name + "/bias");

    /// <summary>Queries, keys and values above each other: kernels (D, heads, d) become (3·heads·d, D), biases (heads, d) become
    /// (3·heads·d).</summary>
    private static Tensor? Packed(FlaxFile file, string prefix, bool isWeight)
    {
        var parts = new List<Tensor>();
        foreach (string part in (string[])["query", "key", "value"])
        {
            if (file.Take($"{prefix}{part}/{(isWeight ? "kernel" : "bias")}", isWeight ? 3 : 2) is not { } array) return null;
            parts.Add(isWeight ? array.Flatten(1, 2).T() : array.Flatten());
        }

        return Tensor.Cat(parts.ToArray(), 0);
    }

    /// <summary>The file's arrays by flax name, and what is wrong with them.</summary>
    private sealed class FlaxFile
    {
        private const string TrainingPrefix = "opt/target/";
        private const int FaultsShown = 8;

        private readonly Checkpoint checkpoint;
        private readonly Dictionary<string, CheckpointTensor> arrays;
        private readonly HashSet<string> taken = [];
        private readonly List<string> faults = [];

        internal FlaxFile(Checkpoint checkpoint)
        {
            this.checkpoint = checkpoint;
            bool training = checkpoint.Tensors.Any(tensor => tensor.Name.StartsWith(TrainingPrefix, StringComparison.Ordinal));
            arrays = checkpoint.Tensors
                .Where(tensor => !training || tensor.Name.StartsWith(TrainingPrefix, StringComparison.Ordinal))
                .ToDictionary(tensor => training ? tensor.Name[TrainingPrefix.Length..] : tensor.Name);
        }

        internal Tensor? Take(string name, int? dimensions = null)
        {
            if (!arrays.TryGetValue(name, out var array)) return Lacks(name);
            taken.Add(name);
            if (dimensions is null || array.Shape.Count == dimensions) return ComplexWeights.ToReal(checkpoint.Path, array);
            Fault($"{name} has the shape [{string.Join(", ", array.Shape)}], but {dimensions} dimensions are expected");
            return null;
        }

        internal Tensor? Lacks(string name)
        {
            Fault($"no array for {name}");
            return null;
        }

        internal void Fault(string fault) => faults.Add(fault);

        internal void Finish(string?[] ignored)
        {
            var extra = arrays.Keys.Except(taken)
                .Where(name => !ignored.Any(prefix => prefix is not null && name.StartsWith(prefix, StringComparison.Ordinal)));
            faults.AddRange(extra.Select(name => $"an array that the network lacks: {name}"));
            if (faults.Count == 0) return;
            string rest = faults.Count > FaultsShown ? $"; and {faults.Count - FaultsShown} more" : "";
            throw new CheckpointException(checkpoint.Path,
                $"it does not fit this vision transformer: {string.Join("; ", faults.Take(FaultsShown))}{rest}");
        }
    }
}
