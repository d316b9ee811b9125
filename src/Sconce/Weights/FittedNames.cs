namespace Sconce.Weights;

/// <summary>A checkpoint's tensors under a network's names.</summary>
/// <param name="Tensors">Those that may be the network's, without the prefix.</param>
/// <param name="Prefix">What was taken off; empty mostly.</param>
/// <param name="Outside">What lies beside the network in the file: other networks' tensors, an average's counter.</param>
public sealed record FittedTensors(IReadOnlyList<CheckpointTensor> Tensors, string Prefix, IReadOnlyList<CheckpointTensor> Outside);

/// <summary>
/// Finds the network's names among those of a file that wrapped it: in another module (<c>model.</c>, <c>backbone.</c>, <c>net.</c>,
/// <c>student.backbone.</c> …), in data parallelism of
/// one of its parts (<c>module.</c> inside), in an average of weights (<c>n_averaged</c> beside them).
/// </summary>
internal sealed class FittedNames
{
    private const string Parallel = "module";
    private const int Deepest = 6, MostNames = 200_000;

    /// <summary>What wrappers put into names wherever they stand, and what no network calls a layer: <c>torch.compile</c>, FSDP,
    /// activation checkpoints, Lightning's strategies.</summary>
    private static readonly HashSet<string> Segments = ["_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
        "_forward_module"];

    /// <summary>Numbers that averages keep beside the weights (<c>torch.optim.swa_utils</c>, LitEma, ema-pytorch).</summary>
    private static readonly HashSet<string> Counters = ["n_averaged", "num_updates", "decay", "initted", "step"];

    private readonly Checkpoint checkpoint;
    private readonly HashSet<string> wanted;
    private readonly Func<string, string?>? rename;

    private FittedNames(Checkpoint checkpoint, IEnumerable<string> names, Func<string, string?>? rename) =>
        (this.checkpoint, wanted, this.rename) = (checkpoint, names.ToHashSet(StringComparer.Ordinal), rename);

    /// <summary>The name without the segments of wrappers that no network has.</summary>
    internal static string WithoutSegments(string name)
    {
        if (!Segments.Any(segment => name.Contains(segment, StringComparison.Ordinal)))
            return name;
        var left = string.Join('.', name.Split('.').Where(part => !Segments.Contains(part)));
        return left.Length > 0 ? left : name;
    }

    /// <summary>Whether a tensor is a number that an average keeps beside the weights.</summary>
    internal static bool IsCounter(CheckpointTensor tensor) =>
        tensor.ElementCount == 1 && tensor.Shape.Count <= 1 && Counters.Contains(tensor.Name);

    /// <param name="checkpoint">An open file.</param>
    /// <param name="names">The network's.</param>
    /// <param name="rename">The network's name of one of the file's, where they differ; null for a key that is left out.</param>
    /// <exception cref="CheckpointException">The network is there under several prefixes.</exception>
    public static FittedTensors Fit(Checkpoint checkpoint, IEnumerable<string> names, Func<string, string?>? rename)
    {
        var fit = new FittedNames(checkpoint, names, rename);
        return checkpoint.Asked is { } asked ? fit.Without(asked) : fit.Find();
    }

    private FittedTensors Without(string prefix) => prefix.Length == 0
        ? new(checkpoint.Tensors, "", [])
        : Split(checkpoint.Tensors, prefix, tensor => checkpoint.HadPrefix(tensor) || IsWanted(tensor.Name));

    private static FittedTensors Split(IReadOnlyList<CheckpointTensor> tensors, string prefix, Func<CheckpointTensor, bool> isInside)
    {
        var sides = tensors.ToLookup(isInside);
        return new([.. sides[true]], prefix, [.. sides[false]]);
    }

    private FittedTensors Find()
    {
        var tensors = checkpoint.Tensors;
        var plain = Split(tensors, "", tensor => !IsCounter(tensor) || IsWanted(tensor.Name));
        if (tensors.Count > MostNames || wanted.Count == 0)
            return plain;
        var present = Matches(tensors, "", false);
        var best = (Prefixes: new List<string>(), Count: present, Inside: false);
        foreach (var inside in (bool[])[false, true])
        {
            if (inside && !tensors.Any(tensor => HasParallel(tensor.Name)))
                break;
            foreach (var prefix in Candidates(tensors, inside))
            {
                var count = Matches(tensors, prefix, inside);
                if (count > best.Count)
                    best = ([prefix], count, inside);
                else if (count == best.Count && count > present && inside == best.Inside)
                    best.Prefixes.Add(prefix);
            }
        }
        // Fewer than half of the network's names are no wrapper but a likeness.
        if (best.Prefixes.Count == 0 || best.Count * 2 < wanted.Count)
            return plain;
        if (best.Prefixes.Count > 1)
            throw Ambiguous(best.Prefixes);
        var (chosen, drop) = (best.Prefixes[0], best.Inside);
        return Renamed(tensors, chosen, drop);
    }

    private FittedTensors Renamed(IReadOnlyList<CheckpointTensor> tensors, string prefix, bool inside)
    {
        var sides = tensors.ToLookup(tensor => Strip(tensor.Name, prefix, inside) is not null);
        List<CheckpointTensor> within = [.. sides[true].Select(tensor => tensor.Named(Strip(tensor.Name, prefix, inside)!))];
        // A name that is the network's as it stands stays, the classifier beside a backbone say, unless the prefix gives it too.
        var taken = within.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var beside = sides[false].ToLookup(tensor => IsWanted(tensor.Name) && !taken.Contains(tensor.Name));
        return new([.. within, .. beside[true]], prefix, [.. beside[false]]);
    }

    /// <summary>Every dotted beginning of a name that many names have.</summary>
    private IEnumerable<string> Candidates(IReadOnlyList<CheckpointTensor> tensors, bool inside)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in tensors.Select(tensor => inside ? WithoutParallel(tensor.Name) : tensor.Name))
        {
            for (int dot = name.IndexOf('.'), depth = 0; dot > 0 && depth < Deepest; dot = name.IndexOf('.', dot + 1), depth++)
                counts[name[..(dot + 1)]] = counts.GetValueOrDefault(name[..(dot + 1)]) + 1;
        }
        var found = counts.Where(entry => entry.Value * 2 >= wanted.Count).OrderByDescending(entry => entry.Value)
            .ThenBy(entry => entry.Key.Length).Select(entry => entry.Key).Take(50);
        return inside ? found.Prepend("") : found;
    }

    private int Matches(IReadOnlyList<CheckpointTensor> tensors, string prefix, bool inside) =>
        tensors.Count(tensor => Strip(tensor.Name, prefix, inside) is { } name && IsWanted(name));

    private bool IsWanted(string name) => (rename is null ? name : rename(name)) is { } own && wanted.Contains(own);

    /// <summary>The name without the prefix; null where it has none.</summary>
    private static string? Strip(string name, string prefix, bool inside)
    {
        var left = inside ? WithoutParallel(name) : name;
        return left.Length > prefix.Length && left.StartsWith(prefix, StringComparison.Ordinal) ? left[prefix.Length..] : null;
    }

    private static bool HasParallel(string name) => name.Split('.').Contains(Parallel);

    private static string WithoutParallel(string name) =>
        HasParallel(name) && string.Join('.', name.Split('.').Where(part => part != Parallel)) is { Length: > 0 } left ? left : name;

    private CheckpointException Ambiguous(List<string> prefixes) => new(
        checkpoint.Path,
        $"it holds such a network {prefixes.Count} times, under the names "
            + $"{string.Join(", ", prefixes.Take(8).Select(prefix => CheckpointFile.Quote(prefix + "…")))}: say which prefix to take off.")
    {
        Remedy = Remedy.Prefix,
    };
}
