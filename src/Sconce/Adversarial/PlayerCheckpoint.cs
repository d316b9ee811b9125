using Sconce.Nn;
using Sconce.Weights;

namespace Sconce.Adversarial;

/// <summary>Checkpoints of adversarial training, which hold several networks: generator, discriminator, the generator's average.</summary>
public static class PlayerCheckpoint
{
    // Of NVIDIA's TensorFlow pickles, and of its PyTorch ones.
    private static readonly string[] Programs = ["dnnlib.", "torch_utils.", "training."];

    // StyleGAN2's, SWAGAN's and CIPS'; DCGAN's; SNGAN's.
    private static readonly string[] JudgesAlone = ["final_linear.1.weight", "conv5.weight", "l5.weight_orig"];

    /// <summary>
    /// Loads one player by name: from the first entry of those named that the file has, or from the whole file where it has none of them.
    /// </summary>
    /// <param name="module">The network.</param>
    /// <param name="path">A checkpoint.</param>
    /// <param name="entries">Such as <c>g_ema</c>, the generator's average in StyleGAN2's PyTorch files, then <c>g</c>.</param>
    /// <exception cref="CheckpointException">It is damaged, or does not fit: it may be the other player's.</exception>
    public static void Load(Module module, string path, params IReadOnlyList<string> entries)
    {
        using var checkpoint = Checkpoint.Open(path);
        Load(module, checkpoint, entries);
    }

    /// <inheritdoc cref="Load(Module, string, IReadOnlyList{string})"/>
    public static void Load(Module module, Checkpoint checkpoint, IReadOnlyList<string> entries)
    {
        Verify(checkpoint, entries);
        string? prefix = PrefixOf(checkpoint, entries);
        var options = prefix is null ? LoadOptions.Strict : new LoadOptions { Rename = name => Within(name, prefix) };
        ModelWeights.Load(module, checkpoint, options);
    }

    /// <summary>
    /// Refuses what is no generator's state: pickles in which StyleGAN's authors publish networks, which carry their own source code, and a
    /// discriminator alone.
    /// </summary>
    /// <param name="checkpoint">A checkpoint.</param>
    /// <param name="entries">Of these one is the generator, where there are several.</param>
    /// <exception cref="CheckpointException">It is one of them.</exception>
    public static void Verify(Checkpoint checkpoint, params IReadOnlyList<string> entries)
    {
        if (Program(checkpoint.Root) is { } name)
        {
            throw new CheckpointException(
                checkpoint.Path,
                $"it holds a '{name}', StyleGAN's own form, which is a program and not only weights: nothing of it was run. Convert it "
                + "where it came from (rosinality/stylegan2-pytorch has convert_weight.py), and name what that wrote");
        }

        if (PrefixOf(checkpoint, entries) is not null) return;
        var judge = checkpoint.Tensors.FirstOrDefault(
            tensor => JudgesAlone.Any(last => tensor.Name == last || tensor.Name.EndsWith("." + last, StringComparison.Ordinal)));
        if (judge is null) return;
        throw new CheckpointException(
            checkpoint.Path, $"its '{judge.Name}' is the last layer of a discriminator, which judges pictures: name the generator's file");
    }

    /// <summary>What the names of the first entry that is there begin with; null where there is none.</summary>
    public static string? PrefixOf(Checkpoint checkpoint, IReadOnlyList<string> entries) => entries.Select(entry => entry + ".")
        .FirstOrDefault(prefix => checkpoint.Tensors.Any(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)));

    private static string? Program(object? root)
    {
        IEnumerable<object?> parts = root switch
        {
            CheckpointDictionary dictionary => dictionary.Select(entry => entry.Value),
            IEnumerable<object?> list => list,
            _ => [root],
        };
        return parts.OfType<CheckpointObject>().Select(part => part.ClassName)
            .FirstOrDefault(name => Programs.Any(module => name.StartsWith(module, StringComparison.Ordinal)));
    }

    // Data-parallel runs save every name under "module." once more.
    private static string? Within(string name, string prefix)
    {
        if (!name.StartsWith(prefix, StringComparison.Ordinal)) return null;
        string own = name[prefix.Length..];
        return own.StartsWith("module.", StringComparison.Ordinal) ? own["module.".Length..] : own;
    }
}
