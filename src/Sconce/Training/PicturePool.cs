using Sconce.Data;

namespace Sconce.Training;

/// <summary>All labelled pictures of a folder, then the decided ones, then those of a part of its own to be asked about.</summary>
/// <param name="Images">The pictures.</param>
/// <param name="Labels">The label of each.</param>
/// <param name="Classes">The classes' names.</param>
/// <param name="Decided">How many are decided ones.</param>
/// <param name="HeldOut">How many are of a part to be asked about; 0 where the folder has none.</param>
/// <param name="Remarks">What a person should know of them.</param>
internal sealed record PicturePool(
    IDataset<ImageExample> Images, IReadOnlyList<int> Labels, IReadOnlyList<string> Classes, int Decided, int HeldOut,
    IReadOnlyList<string> Remarks)
{
    /// <summary>The pictures' paths.</summary>
    internal string[] Names => [.. Enumerable.Range(0, Images.Count).Select(Images.NameOf)];

    /// <summary>The folder's own pictures to learn from, or to be split.</summary>
    internal int Own => Images.Count - Decided - HeldOut;

    /// <summary>Lists a folder.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="classes">The classes wanted, in this order; null: as the folder and the decisions have them.</param>
    /// <param name="decided">Pictures that are added; null for none.</param>
    internal static PicturePool Of(string folder, IReadOnlyList<string>? classes, DecidedPictures? decided = null)
    {
        var layout = FolderLayout.Of(folder);
        if (layout is { Learned: null, HeldOut: { } asked }) throw new DataException(folder,
            $"it has a part to be asked about, {asked}, but none to learn from: call that one train");
        if (layout is { Learned: { } unsorted, Classes: [] }) throw new DataException(folder,
            $"the pictures of its parts are not sorted by class. Put those of each class into a subfolder of {unsorted}");
        var learned = ImageFolder.Open(layout.Learned ?? folder, classes);
        var remarks = new List<string>([.. layout.Remarks, .. learned.Remarks]);
        if (classes is null && decided?.Labels.Except(learned.Classes).ToList() is { Count: > 0 } added)
        {
            remarks.Add(New(decided, added, folder));
            learned = ImageFolder.Open(layout.Learned ?? folder, ClassOrder.Of(learned.Classes.Concat(added)));
        }

        var test = layout.HeldOut is { } heldOut ? ImageFolder.Open(heldOut, learned.Classes) : null;
        remarks.AddRange(test?.Remarks ?? []);
        List<IDataset<ImageExample>> parts = [learned];
        if (decided is not null) parts.Add(decided.Labelled(learned.Classes));
        if (test is not null) parts.Add(test);
        return new PicturePool(parts.Count == 1 ? learned : Datasets.Concatenate(parts),
            [.. learned.Labels, .. decided?.Numbers(learned.Classes) ?? [], .. test?.Labels ?? []],
            learned.Classes, decided?.Files.Count ?? 0, test?.Count ?? 0, remarks);
    }

    /// <summary>That decisions bring classes of their own, which a wrong name does too.</summary>
    internal static string New(DecidedPictures decided, IReadOnlyList<string> added, string folder) => added.Count == 1
        ? $"{decided.Root}: '{added[0]}' is a new class, of which {folder} has no picture: it is learned, and never asked about"
        : $"{decided.Root}: {string.Join(", ", added)} are new classes, of which {folder} has no picture: they are learned, and never asked "
            + "about";

    /// <summary>The pictures in parts.</summary>
    /// <param name="learned">Places of those to learn from.</param>
    /// <param name="heldOut">Places of those to be asked about.</param>
    internal LabelledImages Parts(int[] learned, int[] heldOut) => new(Images.Subset(learned), Images.Subset(heldOut), Classes)
    {
        TrainLabels = [.. learned.Select(k => Labels[k])],
        TestLabels = [.. heldOut.Select(k => Labels[k])],
        Remarks = Remarks,
    };
}
