using System.Text.RegularExpressions;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>
/// DeepMind's own checkpoints (<c>F0_haiku.npz</c> …): despite the ending, pickled dictionaries of Haiku's names to arrays
/// (deepmind-research nfnets/utils.py load_haiku_file). Kernels are HWIO there, linear weights (in, out), gains one number a filter.
/// </summary>
public static partial class HaikuWeights
{
    /// <summary>Fills a network with such a file. Nothing is changed unless everything fits. For the official numbers build it from
    /// <see cref="NFNetConfig.AsOfficial"/>.</summary>
    /// <param name="network">An NFNet-F.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="CheckpointException">The file is damaged, or its names or shapes are not this network's; the message names
    /// them.</exception>
    public static void Load(NFNet network, string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int stages = network.Config.Depths.Count;
        var found = new Dictionary<string, CheckpointTensor>();
        foreach (var tensor in checkpoint.Tensors)
        {
            string name = Rename(tensor.Name, network.Config.Depths) ?? tensor.Name;
            if (!found.TryAdd(name, tensor)) throw new CheckpointException(path, $"two of its arrays become '{name}'");
        }

        var wanted = network.StateDict();
        var faults = new List<string>();
        faults.AddRange(wanted.Where(entry => !found.ContainsKey(entry.Name)).Select(entry => $"no array for {entry.Name}"));
        faults.AddRange(found.Keys.Except(wanted.Select(entry => entry.Name)).Select(name => $"an array that the network lacks: {name}"));
        var converted = new List<(Tensor Target, Tensor Source)>();
        foreach (var (name, target) in wanted)
        {
            if (!found.TryGetValue(name, out var array)) continue;
            var source = Transpose(ComplexWeights.ToReal(path, array));
            // Gains and the gates' weights only lack trailing dimensions of one.
            if (source.Elements == target.Elements && source.Dimensions <= target.Dimensions
                && target.Shape[..source.Dimensions].SequenceEqual(source.Shape)) converted.Add((target, source.Reshape(target.Shape)));
            else faults.Add($"{name}: [{string.Join(", ", source.Shape.ToArray())}] in the file, "
                + $"[{string.Join(", ", target.Shape.ToArray())}] in the network");
        }

        if (faults.Count > 0)
            throw new CheckpointException(path, $"it does not fit this NFNet of {stages} stages: "
                + $"{string.Join("; ", faults.Take(8))}{(faults.Count > 8 ? $"; and {faults.Count - 8} more" : "")}");
        foreach (var (target, source) in converted) target.CopyInPlace(source);
    }

    /// <summary>The network's name for one of Haiku's, such as <c>NFNet/~/nf_block_1/~/conv0.w</c>; null where it is none.</summary>
    internal static string? Rename(string haiku, IReadOnlyList<int> depths)
    {
        int dot = haiku.LastIndexOf('.');
        if (dot < 0 || Name().Match(haiku[..dot]) is not { Success: true } match) return null;
        string parameter = haiku[(dot + 1)..] switch { "w" => "weight", "b" => "bias", var other => other };
        string part = match.Groups["part"].Value;
        if (!match.Groups["block"].Success)
        {
            if (part.StartsWith("stem_conv", StringComparison.Ordinal))
                return $"stem.conv{int.Parse(part["stem_conv".Length..]) + 1}.{parameter}";
            return part switch { "final_conv" => $"final_conv.{parameter}", "linear" => $"head.fc.{parameter}", _ => null };
        }

        int block = match.Groups["number"].Success ? int.Parse(match.Groups["number"].Value) : 0, stage = 0;
        while (stage < depths.Count && block >= depths[stage]) block -= depths[stage++];
        if (stage == depths.Count) return null;
        string? inner = part switch
        {
            "" when parameter == "skip_gain" => "skipinit_gain",
            "conv0" => "conv1." + parameter,
            "conv1" => "conv2." + parameter,
            "conv1b" => "conv2b." + parameter,
            "conv2" => "conv3." + parameter,
            "conv_shortcut" => "downsample.conv." + parameter,
            "squeeze_excite/~/linear" => "attn_last.fc1." + parameter,
            "squeeze_excite/~/linear_1" => "attn_last.fc2." + parameter,
            _ => null,
        };
        return inner is null ? null : $"stages.{stage}.{block}.{inner}";
    }

    private static Tensor Transpose(Tensor array) => array.Dimensions switch
    {
        4 => array.Permute([3, 2, 0, 1]), // HWIO to OIHW
        2 => array.Permute([1, 0]),
        _ => array,
    };

    [GeneratedRegex("^[^/]+/~/(?:(?<block>nf_block)(?:_(?<number>[0-9]{1,6}))?(?:/~/(?<part>.+))?"
        + "|(?<part>stem_conv[0-9]{1,2}|final_conv|linear))$", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
