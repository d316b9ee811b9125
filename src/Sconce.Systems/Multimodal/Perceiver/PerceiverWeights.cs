using System.Text.RegularExpressions;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>
/// DeepMind's released checkpoints (<c>*.pystate</c>): pickled dictionaries of Haiku's names to arrays, parameters and, where there is a
/// batch norm, its averages. Linear weights are (in, out) there, kernels HWIO. Checkpoints of this library load by name.
/// </summary>
public static partial class PerceiverWeights
{
    /// <summary>Fills a network. Nothing is changed unless everything fits.</summary>
    /// <param name="network">A Perceiver IO classifier, for released files.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">Damaged, or of another network; the message names what does not fit.</exception>
    public static void Load(Module network, string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        if (!checkpoint.Tensors.Any(tensor => tensor.Name.Contains("/~/", StringComparison.Ordinal)))
        {
            ModelWeights.Load(network, checkpoint);
            return;
        }

        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var found = new Dictionary<string, CheckpointTensor>();
        foreach (var tensor in checkpoint.Tensors)
        {
            string? name = Rename(tensor.Name);
            if (name is { Length: 0 }) continue;
            if (!found.TryAdd(name ?? tensor.Name, tensor)) throw new CheckpointException(path, $"two of its arrays become '{name}'");
        }

        var faults = new List<string>();
        var converted = new List<(Tensor Target, Tensor Source)>();
        foreach (var (name, target) in network.StateDict())
        {
            if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal)) continue;
            if (!found.Remove(name, out var array))
            {
                faults.Add($"no array for {name}");
                continue;
            }

            var source = Turned(ComplexWeights.ToReal(path, array), name);
            if (source.Shape.SequenceEqual(target.Shape)) converted.Add((target, source));
            // batch norms keep dimensions of one
            else if (source.Elements == target.Elements && target.Dimensions == 1) converted.Add((target, source.Reshape(target.Shape)));
            else if (ModelWeights.Resample(network, name, source) is { } resampled) converted.Add((target, resampled));
            else faults.Add($"{name}: [{string.Join(", ", source.Shape.ToArray())}] in the file, "
                + $"[{string.Join(", ", target.Shape.ToArray())}] in the network");
        }

        faults.AddRange(found.Keys.Select(name => $"an array that the network lacks: {name}"));
        if (faults.Count > 0)
            throw new CheckpointException(path, $"it does not fit this Perceiver: "
                + $"{string.Join("; ", faults.Take(8))}{(faults.Count > 8 ? $"; and {faults.Count - 8} more" : "")}");
        foreach (var (target, source) in converted) target.CopyInPlace(source);
    }

    /// <summary>The network's key for one of Haiku's names, such as <c>perceiver_encoder/~/cross_attention/attention/linear_3.w</c>; empty
    /// for what is not needed; null where it is none.</summary>
    internal static string? Rename(string haiku)
    {
        string name = haiku.StartsWith("params.", StringComparison.Ordinal)
            ? haiku[7..] : haiku.StartsWith("state.", StringComparison.Ordinal) ? haiku[6..] : haiku;
        int dot = name.LastIndexOf('.');
        if (dot < 0) return null;
        string module = name[..dot], leaf =
            name[(dot + 1)..] switch { "w" or "scale" => "weight", "b" or "offset" => "bias", var other => other };
        if (module.StartsWith("image_preprocessor", StringComparison.Ordinal)) return Input(module, leaf);
        if (Latents().IsMatch(module)) return "encoder." + leaf;
        if (Queries().IsMatch(module)) return "decoder." + leaf;
        if (module.EndsWith("basic_decoder/output", StringComparison.Ordinal)) return "decoder.output." + leaf;
        if (Block().Match(module) is not { Success: true } match) return null;
        bool cross = match.Groups["kind"].Value == "cross_attention";
        string? part = match.Groups["part"].Value switch
        {
            "layer_norm" => cross ? "norm_q" : "norm",
            "layer_norm_1" => cross ? "norm_kv" : "norm_mlp",
            "layer_norm_2" when cross => "norm_mlp",
            "attention/linear" => "attention.q",
            "attention/linear_1" => "attention.k",
            "attention/linear_2" => "attention.v",
            "attention/linear_3" => "attention.out",
            "mlp/linear" => "mlp.fc1",
            "mlp/linear_1" => "mlp.fc2",
            _ => null,
        };
        string side = match.Groups["side"].Value == "perceiver_encoder" ? "encoder" : "decoder";
        return part is null ? null : $"{side}.{match.Groups["kind"].Value}{match.Groups["number"].Value}.{part}.{leaf}";
    }

    private static string? Input(string module, string leaf)
    {
        if (module.EndsWith("batchnorm/~/mean_ema", StringComparison.Ordinal))
            return leaf == "average" ? "input.batchnorm.running_mean" : "";
        if (module.EndsWith("batchnorm/~/var_ema", StringComparison.Ordinal)) return leaf == "average" ? "input.batchnorm.running_var" : "";
        if (module.EndsWith("batchnorm", StringComparison.Ordinal)) return "input.batchnorm." + leaf;
        if (module.EndsWith("trainable_position_encoding", StringComparison.Ordinal)) return "input.positions." + leaf;
        if (module.EndsWith("position_encoding_projector/linear", StringComparison.Ordinal)) return "input.projector." + leaf;
        return Convolution().IsMatch(module) ? "input.conv." + leaf : null;
    }

    private static Tensor Turned(Tensor array, string name) => array.Dimensions switch
    {
        4 when name.StartsWith("input.conv", StringComparison.Ordinal) => array.Permute([3, 2, 0, 1]), // HWIO to OIHW
        2 when name.EndsWith(".weight", StringComparison.Ordinal) => array.Permute([1, 0]),
        _ => array,
    };

    [GeneratedRegex("^perceiver_encoder/~/trainable_position_encoding$")]
    private static partial Regex Latents();

    [GeneratedRegex("basic_decoder/~/trainable_position_encoding$")]
    private static partial Regex Queries();

    [GeneratedRegex("(^|/)conv(2_d)?(_1x1)?$")]
    private static partial Regex Convolution();

    [GeneratedRegex("^(?:classification_decoder/~/)?(?<side>perceiver_encoder|basic_decoder)(?:/~)?"
        + "/(?<kind>cross_attention|self_attention)(?<number>_[0-9]{1,3})?/(?<part>.+)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Block();
}
