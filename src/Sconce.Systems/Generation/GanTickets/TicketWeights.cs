using Sconce.Adversarial;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary>
/// Generators as the official runs save them: averaged or not, and pruned ones as weights with masks beside them
/// (<c>weight_orig</c>, <c>weight_mask</c>), which are multiplied.
/// </summary>
public static class TicketWeights
{
    private const string Original = ".weight_orig", Mask = ".weight_mask";

    /// <summary>Loads a generator.</summary>
    /// <exception cref="CheckpointException">The file is damaged, or does not fit.</exception>
    public static void Load(SnganGenerator generator, string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        string[] entries = ["avg_gen_state_dict", "gen_state_dict"];
        PlayerCheckpoint.Verify(checkpoint, entries);
        string prefix = PlayerCheckpoint.PrefixOf(checkpoint, entries) ?? "";
        ModelWeights.Load(generator, checkpoint, new LoadOptions { Rename = Own });
        var masks = checkpoint.Tensors.Where(
            tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal) && tensor.Name.EndsWith(Mask, StringComparison.Ordinal));
        var weights = generator.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        using var noGrad = Gradients.Off();
        foreach (var mask in masks)
        {
            using var scope = new TensorScope();
            string name = mask.Name[prefix.Length..^Mask.Length] + ".weight";
            if (!weights.TryGetValue(name, out var weight) || !weight.Shape.SequenceEqual([.. mask.Shape]))
            {
                throw new CheckpointException(path, $"its mask '{mask.Name}' belongs to no weight of the {nameof(SnganGenerator)}");
            }

            weight.MulInPlace(ModelWeights.ToTensor(mask));
        }

        string? Own(string name)
        {
            if (!name.StartsWith(prefix, StringComparison.Ordinal) || name.EndsWith(Mask, StringComparison.Ordinal)) return null;
            string own = name[prefix.Length..];
            return own.EndsWith(Original, StringComparison.Ordinal) ? own[..^Original.Length] + ".weight" : own;
        }
    }
}
