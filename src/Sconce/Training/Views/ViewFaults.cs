using Sconce.Data;

namespace Sconce.Training;

/// <summary>What is wrong with the data of a batch of views.</summary>
public static class ViewFaults
{
    /// <summary>The first view that holds NaN or infinity, in words; null where all are finite.</summary>
    public static string? Of(ViewBatch batch)
    {
        foreach (var view in batch.Views)
        {
            if (ClassifierObjective.NotFinite(view) is { } first) return $"a view of {batch.Names[first]} holds NaN or infinity";
        }

        return null;
    }
}
