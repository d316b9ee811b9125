using Sconce.Data;

namespace Sconce.Training;

/// <summary>A person's pictures for learning without labels, in a part to learn from and a part to be asked about. Where the folder sorts
/// them by class, the labels are known but not learned.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To be asked about.</param>
/// <param name="Classes">The classes' names; none where pictures have no labels.</param>
public sealed record UnlabelledImages(IDataset<ImageExample> Train, IDataset<ImageExample> Test, IReadOnlyList<string> Classes)
{
    /// <summary>What a person should know of the data, a sentence each.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>How the parts are kept.</summary>
    private LabelledImages? Sorted { get; init; }

    private bool IsKept { get; init; }

    /// <summary>Opens any folder with pictures in it or below it; parts to learn from and to be asked about are known by their names, else
    /// a share is held out.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="validation">The share held out, where the folder has no part of its own.</param>
    /// <param name="seed">Of the choice.</param>
    /// <param name="kept">The parts of a run that goes on; null for a new one.</param>
    /// <exception cref="DataException">Too few pictures to hold any out; a file of the run that is gone.</exception>
    public static UnlabelledImages Open(string folder, double validation, ulong seed, KeptParts? kept = null)
    {
        if (!Directory.Exists(folder))
            throw new DataException(folder, File.Exists(folder) ? "this is a file, not a folder of pictures" : "there is no such folder");
        if (LabelledImages.IsLabelled(folder))
        {
            var labelled = LabelledImages.Open(folder, null, validation, seed, kept);
            return new UnlabelledImages(labelled.Train, labelled.Test, labelled.Classes) { Remarks = labelled.Remarks, Sorted = labelled };
        }

        var layout = FolderLayout.Of(folder);
        var all = PictureFiles.Of(layout.Learned is not { } part ? [folder] : layout.HeldOut is { } asked ? [part, asked] : [part]);
        if (all.Count < 4) throw new DataException(folder, $"{all.Count} pictures are too few to learn from and to hold some out");
        var found = kept?.Find(folder, all.Files);
        var (first, second) = found is not null ? ([.. found.Learned], [.. found.HeldOut])
            : layout.HeldOut is { } heldOut
                ? Datasets.SplitWhere(all.Count,
                k => all.Files[k].StartsWith(heldOut + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            : Datasets.SplitByLabel(new int[all.Count], 1 - validation, seed);
        if (first.Length == 0 || second.Length == 0) throw new DataException(folder,
            "one of its parts has no pictures: some are to learn from and some to be asked about");
        return new UnlabelledImages(all.Subset(first), all.Subset(second),
            [])
        { Remarks = [.. all.Remarks, .. found?.Remarks(folder) ?? []], IsKept = found is not null };
    }

    /// <summary>Keeps the parts in a run's folder, where they are not kept yet.</summary>
    /// <param name="folder">The run's; null for a run in memory.</param>
    /// <param name="data">The folder that was opened.</param>
    public void Keep(RunFolder? folder, string data) =>
        (Sorted ?? new LabelledImages(Train, Test, Classes) { IsKept = IsKept }).Keep(folder, data);
}
