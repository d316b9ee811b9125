using Sconce.Data;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>What errors say of batches.</summary>
public static class BatchFaults
{
    private const int Named = 4;

    /// <summary>The first items' names.</summary>
    public static string First(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(Named)) + (names.Count > Named ? $" and {names.Count - Named} more" : "");

    /// <summary>The first picture of a batch that holds NaN or infinity; null where none does.</summary>
    /// <param name="pictures"><c>(N, …)</c></param>
    public static int? NotFinite(Tensor pictures)
    {
        using var scope = new TensorScope();
        int first = Array.IndexOf(pictures.Isfinite().Flatten(1).All(1).ToArray<bool>(), false);
        return first >= 0 ? first : null;
    }

    /// <summary>What is wrong with the numbers of a batch of pictures, in words; null where all are finite.</summary>
    public static string? Of(ImageBatch batch)
    {
        using var scope = new TensorScope();
        if (NotFinite(batch.Images) is { } first) return $"the picture {batch.Names[first]} holds NaN or infinity";
        return batch.Targets is { } targets && !targets.Isfinite().All().Item<bool>()
            ? "the batch's soft targets hold NaN or infinity" : null;
    }

    /// <summary>The first view that holds NaN or infinity, in words; null where all are finite.</summary>
    public static string? Of(ViewBatch batch)
    {
        foreach (var view in batch.Views)
        {
            if (NotFinite(view) is { } first) return $"a view of {batch.Names[first]} holds NaN or infinity";
        }

        return null;
    }
}
