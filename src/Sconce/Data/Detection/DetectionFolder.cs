namespace Sconce.Data;

/// <summary>
/// A person's pictures with objects, in a part to learn from and a part to be asked about. The folder is COCO's
/// (<c>annotations/instances_train2017.json</c> and <c>instances_val2017.json</c>
/// or <c>panoptic_…</c>, pictures in <c>train2017/</c> and <c>val2017/</c>), one with <c>train.json</c> and <c>val.json</c> or
/// <c>test.json</c>, one with <c>train/_annotations.coco.json</c> and
/// <c>valid/…</c>, or Pascal VOC's; parts may have any of their usual names. Where there is one part alone, a share of it is held out.
/// </summary>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To be asked about; of the same classes.</param>
public sealed record DetectionFolder(DetectionDataset Train, DetectionDataset Test)
{
    /// <summary>What a person should know of the data, a sentence each: pictures under other names, what has changed since a run
    /// began.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    private bool IsKept { get; init; }

    /// <summary>Opens both parts.</summary>
    /// <param name="folder">See <see cref="DetectionFolder"/>.</param>
    /// <param name="masks">Whether masks are wanted: panoptic files are then preferred, and boxes alone are a fault.</param>
    /// <param name="validation">The share that is held out where there is one part alone, in (0, 1).</param>
    /// <param name="seed">Which those are.</param>
    /// <param name="classes">The classes wanted, in this order; null: as the data have them.</param>
    /// <param name="kept">The parts of a run that goes on; null for a new one.</param>
    /// <exception cref="DataException">No such layout, or something in it is wrong; a file of the run that is gone.</exception>
    public static DetectionFolder Open(string folder, bool masks, double validation = 0.1, ulong seed = 0,
        IReadOnlyList<string>? classes = null, KeptParts? kept = null)
    {
        var (pool, heldOut) = Pool(folder, masks ? MaskWish.Required : MaskWish.None, classes);
        var found = kept?.Find(folder, Names(pool), pool.Says);
        var (learned, asked) = found is not null ? ([.. found.Learned], [.. found.HeldOut]) : heldOut > 0
            ? Datasets.SplitWhere(pool.Count, k => k >= pool.Count - heldOut) : Draw(pool.Count, validation, seed);
        return new DetectionFolder(pool.Part(learned), pool.Part(asked))
        {
            Remarks = [.. pool.Remarks, .. found?.Remarks(folder) ?? []],
            IsKept = found is not null
        }.Checked(folder);
    }

    /// <summary>Whether a folder has files of annotations beside its pictures; they are not read.</summary>
    public static bool Is(string folder) => Directory.Exists(folder) && new AnnotationFiles(folder, MaskWish.None).Any;

    /// <summary>Every picture of a folder, of whatever part.</summary>
    /// <param name="folder">See <see cref="DetectionFolder"/>.</param>
    /// <exception cref="DataException">No such layout, or something in it is wrong.</exception>
    public static DetectionDataset Pictures(string folder) => Pool(folder, MaskWish.None, null).Pictures;

    /// <summary>What a run held out, of its own data.</summary>
    /// <param name="folder">See <see cref="DetectionFolder"/>.</param>
    /// <param name="masks">Whether masks are wanted.</param>
    /// <param name="classes">The run's.</param>
    /// <param name="kept">Its parts.</param>
    /// <exception cref="DataException">No such layout, or something in it is wrong; all that was held out is gone.</exception>
    public static (DetectionDataset Pictures, IReadOnlyList<string> Remarks) OpenHeldOut(string folder, bool masks,
        IReadOnlyList<string>? classes, KeptParts kept)
    {
        var (pool, _) = Pool(folder, masks ? MaskWish.Required : MaskWish.None, classes);
        var found = kept.Find(folder, Names(pool), pool.Says, heldOutOnly: true);
        return (pool.Part(found.HeldOut), [.. pool.Remarks, .. found.Remarks(folder)]);
    }

    /// <summary>The part to be asked about where the folder has one, else all of it.</summary>
    /// <param name="folder">See <see cref="DetectionFolder"/>.</param>
    /// <param name="masks">Whether masks are wanted where they are known; boxes alone are no fault.</param>
    /// <exception cref="DataException">No such layout, or something in it is wrong.</exception>
    public static DetectionDataset OpenTest(string folder, bool masks)
    {
        var files = new AnnotationFiles(folder, masks ? MaskWish.WhereKnown : MaskWish.None);
        return files.HeldOut() ?? files.Whole();
    }

    /// <summary>Keeps the parts in a run's folder, where they are not kept yet.</summary>
    /// <param name="folder">The run's; null for a run in memory.</param>
    /// <param name="data">The folder that was opened.</param>
    public void Keep(string? folder, string data) => KeptParts.Keep(IsKept ? null : folder, data,
    [
        .. Enumerable.Range(0, Train.Count).Select(k => new RunItem(RunPart.Learned, Train.NameOf(k), Train.Says(k))),
        .. Enumerable.Range(0, Test.Count).Select(k => new RunItem(RunPart.HeldOut, Test.NameOf(k), Test.Says(k))),
    ]);

    /// <summary>All pictures, those of a part of its own to be asked about last, and how many those are.</summary>
    private static (DetectionDataset Pictures, int HeldOut) Pool(string folder, MaskWish wish, IReadOnlyList<string>? classes)
    {
        var files = new AnnotationFiles(folder, wish);
        var (train, test) = (files.Learned(), files.HeldOut());
        if (train is null || test is null) return (Ordered(files.Whole(), classes, folder), 0);
        if (files.IsVoc) classes ??= ClassOrder.Of(train.Classes.Union(test.Classes));
        // VOC's classes are what its files name: a rare one may be in one part alone
        train = Ordered(train, classes, folder);
        var asked = test.Relabelled(train.Classes, train)
            ?? throw new DataException(folder,
                $"its two parts are of different classes: {string.Join(", ", train.Classes)} to learn, "
                + $"{string.Join(", ", test.Classes)} to be asked about");
        return (train.Join(asked), asked.Count);
    }

    private static DetectionDataset Ordered(DetectionDataset data, IReadOnlyList<string>? classes, string folder) =>
        classes is null || classes.SequenceEqual(data.Classes) ? data
        : data.Relabelled(classes)
            ?? throw new DataException(folder,
            $"it has a class that is not wanted. Its classes are {string.Join(", ", data.Classes)}; wanted are "
            + $"{string.Join(", ", classes)}");

    private static (int[] Learned, int[] HeldOut) Draw(int count, double validation, ulong seed)
    {
        var order = AugmentationRandom.Permutation(count, seed, 0);
        int held = Math.Clamp((int)Math.Round(count * validation), 1, Math.Max(1, count - 1));
        return ([.. order[held..].Order()], [.. order[..held].Order()]);
    }

    private static string[] Names(DetectionDataset data) => [.. Enumerable.Range(0, data.Count).Select(data.NameOf)];

    private DetectionFolder Checked(string folder)
    {
        if (Train.Count == 0 || Test.Count == 0) throw new DataException(folder,
            $"{Train.Count + Test.Count} pictures are too few: some are to learn from and some to be asked about");
        if (!Test.HasObjects) throw new DataException(folder,
            $"none of the {Test.Count} pictures to be asked about holds an object: there is nothing to find. Hold out more, or annotate "
            + "them");
        return this;
    }
}
