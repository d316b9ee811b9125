namespace Sconce.Data;

/// <summary>
/// Files sorted into folders, a class a subfolder (<c>clips/jump/1.mp4</c>), of any kind that a network reads: clips, sounds, point clouds.
/// A folder with a part to learn from and one to be asked about (<c>train</c>, <c>val</c>, <c>test</c>) has the classes in each. Opening
/// lists files and reads none.
/// </summary>
public sealed class LabelledFiles
{
    private LabelledFiles(IReadOnlyList<string> files, IReadOnlyList<int> labels, IReadOnlyList<string> classes) =>
        (Files, Labels, Classes) = (files, labels, classes);

    /// <summary>All paths.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>The class of each.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>The classes' names; labels are indices.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Numbers of the files to learn from.</summary>
    public IReadOnlyList<int> Learned { get; private init; } = [];

    /// <summary>Numbers of the files to be asked about.</summary>
    public IReadOnlyList<int> HeldOut { get; private init; } = [];

    /// <summary>What a person should know of them, a sentence each.</summary>
    public IReadOnlyList<string> Remarks { get; private init; } = [];

    /// <summary>Opens a folder in two parts.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="plural">What is wanted: <c>clips</c>.</param>
    /// <param name="fits">Whether a file is one.</param>
    /// <param name="classes">The classes wanted, in this order; null: as the folder has them.</param>
    /// <param name="validation">The share of each class held out, where the folder has no part of its own.</param>
    /// <param name="seed">Of the choice.</param>
    /// <param name="kept">The parts of a run that goes on; null for a new one.</param>
    /// <exception cref="DataException">Empty, of one class, too few files to hold any out, or a file of the run is gone.</exception>
    public static LabelledFiles Open(
        string folder, string plural, Func<string, bool> fits, IReadOnlyList<string>? classes, double validation, ulong seed,
            KeptParts? kept)
    {
        var (learned, heldOut) = Parts(folder);
        if (learned is null && heldOut is not null)
            throw new DataException(folder, $"it has a part to be asked about, {heldOut}, but none to learn from: call that one train");
        var all = List(learned ?? folder, plural, fits, classes);
        int count = all.Files.Count;
        if (heldOut is not null)
        {
            var asked = List(heldOut, plural, fits, all.Classes);
            all = new LabelledFiles([.. all.Files, .. asked.Files], [.. all.Labels, .. asked.Labels], all.Classes);
        }

        if (all.Classes.Count < 2) throw new DataException(folder,
            $"there is one class only, '{all.Classes[0]}': nothing is to be told apart");
        var found = kept?.Find(folder, all.Files);
        var (first, second) = found is not null ? ([.. found.Learned], [.. found.HeldOut])
            : heldOut is not null ? ([.. Enumerable.Range(0, count)], [.. Enumerable.Range(count, all.Files.Count - count)])
            : Datasets.SplitByLabel(all.Labels, 1 - validation, seed);
        if (first.Length == 0 || second.Length == 0)
        {
            throw new DataException(
                folder, $"{all.Files.Count} {plural} are too few: some are to learn from and some to be asked about, so a class needs "
                    + "two at least");
        }

        return new LabelledFiles(all.Files, all.Labels, all.Classes)
        {
            Learned = first,
            HeldOut = second,
            Remarks = [.. found?.Remarks(folder) ?? []],
        };
    }

    /// <summary>All files of a folder, or of its part to be asked about, to be asked about.</summary>
    /// <inheritdoc cref="Open"/>
    public static LabelledFiles OpenTest(string folder, string plural, Func<string, bool> fits, IReadOnlyList<string>? classes)
    {
        var all = List(Parts(folder).HeldOut ?? folder, plural, fits, classes);
        return new LabelledFiles(all.Files, all.Labels, all.Classes) { HeldOut = [.. Enumerable.Range(0, all.Files.Count)] };
    }

    /// <summary>Keeps the parts in a new run's folder.</summary>
    /// <param name="folder">The run's; null for a run in memory.</param>
    /// <param name="data">The folder that was opened.</param>
    public void Keep(string? folder, string data)
    {
        if (folder is null || File.Exists(Path.Combine(folder, KeptParts.FileName))) return;
        KeptParts.Keep(folder, data,
        [
            .. Learned.Select(k => new RunItem(RunPart.Learned, Files[k])), .. HeldOut.Select(k => new RunItem(RunPart.HeldOut, Files[k])),
        ]);
    }

    private static (string? Learned, string? HeldOut) Parts(string folder)
    {
        var names = FileWalk.Folders(folder);
        return (One(PartKind.Learned), One(PartKind.Validation) ?? One(PartKind.Test));

        string? One(PartKind kind) => names.FirstOrDefault(name => PartNames.Is(name, kind)) is { } name ? Path.Combine(folder, name)
            : null;
    }

    private static LabelledFiles List(string root, string plural, Func<string, bool> fits, IReadOnlyList<string>? classes)
    {
        var folders = FileWalk.Folders(root);
        if (folders.Count == 0) throw new DataException(root, $"it must hold one subfolder a class, with {plural}");
        string[] names = classes is null ? ClassOrder.Of(folders) : [.. classes];
        if (folders.Find(folder => !names.Contains(folder)) is { } unknown)
        {
            throw new DataException(
                root, $"the folder '{unknown}' is none of the {names.Length} classes. {NearestNames.Suggest(unknown, names)}".TrimEnd());
        }

        List<string> files = [];
        List<int> labels = [];
        for (int label = 0; label < names.Length; label++)
        {
            if (!folders.Contains(names[label])) continue;
            string[] own = [.. FileWalk.All(Path.Combine(root, names[label])).Where(fits)];
            if (own.Length == 0) throw new DataException(Path.Combine(root, names[label]),
                $"no {plural} are in it: put some there, or remove the folder");
            files.AddRange(own);
            labels.AddRange(Enumerable.Repeat(label, own.Length));
        }

        return new LabelledFiles(files, labels, names);
    }
}
