using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;

namespace Sconce.Training;

/// <summary>A person's labelled pictures, in a part to learn from and a part to be asked about.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Test">To be asked about.</param>
/// <param name="Classes">The classes' names; labels are indices.</param>
public sealed record LabelledImages(IDataset<ImageExample> Train, IDataset<ImageExample> Test, IReadOnlyList<string> Classes)
{
    /// <summary>The label of each item of <see cref="Train"/>, without reading pictures.</summary>
    public IReadOnlyList<int> TrainLabels { get; init; } = [];

    /// <summary>The label of each item of <see cref="Test"/>, without reading pictures.</summary>
    public IReadOnlyList<int> TestLabels { get; init; } = [];

    /// <summary>What a person should know of the data, a sentence each: files that are left out, what has changed since a run
    /// began.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>Which items of <see cref="Train"/> a run took labels of; null where it is not known, or all.</summary>
    public IReadOnlyList<int>? Labelled { get; init; }

    /// <summary>Whether the parts are those of a run that goes on.</summary>
    public bool IsKept { get; init; }

    /// <summary>The files behind both parts where items are no files.</summary>
    private IReadOnlyList<RunItem>? Files { get; init; }

    /// <summary>
    /// Opens a folder: CIFAR's binary files; a part to learn from (<c>train</c>, <c>Training</c> …) and one to be asked about (<c>val</c>,
    /// <c>test</c> …) with a subfolder a class each; or a
    /// subfolder a class, of which a share is held out.
    /// </summary>
    /// <param name="folder">Which.</param>
    /// <param name="classes">The classes wanted, in this order; null: as the folder has them.</param>
    /// <param name="validation">The share held out, where the folder has no part of its own.</param>
    /// <param name="seed">Of the choice.</param>
    /// <param name="kept">The parts of a run that goes on; null for a new one.</param>
    /// <param name="decisions">What a person's decisions add to learn from; null for nothing.</param>
    /// <exception cref="DataException">Empty, of one class, or too few pictures to hold any out; a class that is not wanted; a file of the
    /// run that is gone.</exception>
    public static LabelledImages Open(
        string folder, IReadOnlyList<string>? classes, double validation, ulong seed, KeptParts? kept = null, Decisions? decisions = null)
    {
        var images = OpenAny(folder, classes, validation, seed, kept, decisions);
        if (images.Classes.Count < 2)
        {
            string inner = Path.Combine(folder, images.Classes[0]);
            string deeper = Directory.Exists(inner) && FileWalk.Folders(inner).Count > 1 ? $". If the data set is {inner}, name that" : "";
            throw new DataException(folder,
                $"there is one class only, '{images.Classes[0]}': nothing is to be told apart. Put the pictures of each class into a "
                + $"subfolder of its own{deeper}");
        }

        if (images.Train.Count == 0 || images.Test.Count == 0)
        {
            throw new DataException(
                folder, $"{images.Train.Count + images.Test.Count} pictures are too few: some are to learn from and some to be asked "
                    + "about, so a class needs two at least");
        }

        return images;
    }

    /// <summary>The part to be asked about: a folder's test part where it has one, else all of it.</summary>
    /// <param name="folder">Which.</param>
    /// <param name="classes">The classes that the network knows; null: as the folder has them.</param>
    /// <exception cref="DataException">Its parts have no classes, or it has a class that the network does not know.</exception>
    public static AskedImages OpenTest(string folder, IReadOnlyList<string>? classes)
    {
        if (IsCifar(folder))
        {
            var cifar = OpenCifar(folder, classes, null, null);
            return new AskedImages(cifar.Test, cifar.Classes, []);
        }

        var layout = FolderLayout.Of(folder);
        if (layout is { Learned: { } train, HeldOut: null })
            throw new DataException(folder,
                $"it has no part to be asked about whose pictures are sorted by class. Name {train} itself to ask about the pictures to "
                + "learn from");
        var images = ImageFolder.Open(layout.HeldOut ?? folder, classes);
        return new AskedImages(images, images.Classes, [.. layout.Remarks, .. images.Remarks]);
    }

    /// <summary>What a run held out, of its own data.</summary>
    /// <param name="configuration">The run's.</param>
    /// <param name="kept">Its parts; null for a run that kept none: they are then drawn anew, as when it began.</param>
    public static AskedImages OpenHeldOut(RunConfiguration configuration, KeptParts? kept)
    {
        if (kept is null || IsCifar(configuration.Data))
        {
            var parts = kept is null
                ? Open(configuration.Data, configuration.Classes, configuration.Run.Validation, configuration.Run.Seed)
                : OpenCifar(configuration.Data, configuration.Classes, kept, null, heldOutOnly: true);
            string[] drawn = kept is null && parts.Files is null
                ? [$"{configuration.Data}: the run kept no list of its parts; they are drawn anew, which is right only if no file was "
                + "added or taken away"] : [];
            return new AskedImages(parts.Test, parts.Classes, [.. drawn, .. parts.Remarks]);
        }

        var pool = PicturePool.Of(configuration.Data, configuration.Classes);
        var found = kept.Find(configuration.Data, pool.Names, heldOutOnly: true);
        return new AskedImages(pool.Images.Subset(found.HeldOut), pool.Classes, [.. found.Remarks(configuration.Data)]);
    }

    /// <summary>The figure to watch, which these pictures must be able to give.</summary>
    /// <param name="asked">As it was asked; null for accuracy.</param>
    /// <exception cref="UsageException">There is none of that name, or it cannot be told of the pictures to be asked about.</exception>
    public string Watch(string? asked)
    {
        string name = WatchedFigure.Settle(asked, "accuracy", ClassificationMetrics.Names(Classes.Count));
        int[] held = [.. TestLabels.Distinct()];
        return name != "auroc" || held.Length != 1 ? name
            : throw new UsageException($"the figure to watch cannot be 'auroc': the pictures to be asked about are all of the class "
                + $"'{Classes[held[0]]}', and it needs both. Watch another figure, or hold out pictures of both");
    }

    /// <summary>Keeps the parts in a run's folder, where they are not kept yet.</summary>
    /// <param name="folder">The run's; null for a run in memory.</param>
    /// <param name="data">The folder that was opened.</param>
    /// <param name="labelled">For each item of <see cref="Train"/> whether its label is used; null for all.</param>
    public void Keep(RunFolder? folder, string data, Func<int, bool>? labelled = null) =>
        KeptParts.Keep(IsKept ? null : folder?.Folder, data, Files ??
    [
        .. Enumerable.Range(0, Train.Count)
            .Select(k => new RunItem(labelled?.Invoke(k) ?? true ? RunPart.Learned : RunPart.Unlabelled, Train.NameOf(k))),
        .. Enumerable.Range(0, Test.Count).Select(k => new RunItem(RunPart.HeldOut, Test.NameOf(k))),
    ]);

    /// <summary>Whether a folder holds pictures by class: CIFAR's files, a training and a test part, or two subfolders at least and no
    /// loose pictures.</summary>
    internal static bool IsLabelled(string folder)
    {
        if (IsCifar(folder)) return true;
        var layout = FolderLayout.Of(folder);
        return layout.Classes.Count > 1 && (layout.Learned is not null || !FileWalk.HasLoosePictures(folder));
    }

    private static LabelledImages OpenAny(
        string folder, IReadOnlyList<string>? classes, double validation, ulong seed, KeptParts? kept, Decisions? decisions)
    {
        if (IsCifar(folder)) return OpenCifar(folder, classes, kept, decisions);
        var pool = PicturePool.Of(folder, classes, decisions?.Pictures);
        string[] names = pool.Names;
        var found = kept?.Find(folder, names);
        int[] decided;
        IReadOnlyList<string> told;
        if (found is not null)
        {
            (decided, told) = Decided(decisions is { TakesNew: true }
                ? found.NewPlaces.Where(k => k >= pool.Own && k < pool.Own + pool.Decided) : [], found.HeldOut);
            found.Take(decided);
            return pool.Parts([.. found.Learned], [.. found.HeldOut]) with
            {
                IsKept = decided.Length == 0,
                Labelled = found.Labelled,
                Remarks = [.. pool.Remarks, .. told, .. found.Remarks(folder)]
            };
        }

        var (first, second) = Split();
        (decided, told) = Decided(Enumerable.Range(pool.Own, pool.Decided), second);
        return pool.Parts([.. first, .. decided], second) with { Remarks = [.. pool.Remarks, .. told] };

        (int[] First, int[] Second) Split()
        {
            int[] own = [.. Enumerable.Range(0, pool.Own)];
            if (pool.HeldOut > 0) return (own, [.. Enumerable.Range(pool.Images.Count - pool.HeldOut, pool.HeldOut)]);
            if (decisions?.Before is not { } before) return Datasets.SplitByLabel([.. pool.Labels.Take(pool.Own)], 1 - validation, seed);
            int[] heldOut = [.. before.Find(folder, names[..pool.Own], heldOutOnly: true).HeldOut];
            return ([.. own.Except(heldOut)], heldOut);
        }

        (int[] Places, IReadOnlyList<string> Remarks) Decided(IEnumerable<int> places, IEnumerable<int> heldOut)
        {
            if (decisions is null) return ([], []);
            var (taken, remarks) = decisions.Learned(places.Select(k => k - pool.Own), heldOut.Select(k => names[k]));
            return ([.. taken.Select(k => k + pool.Own)], remarks);
        }
    }

    internal static bool IsCifar(string folder) =>
        Directory.Exists(folder)
            && (File.Exists(Path.Combine(folder, "train.bin")) || Directory.EnumerateFiles(folder, "data_batch_*.bin").Any());

    private static LabelledImages OpenCifar(
        string folder, IReadOnlyList<string>? classes, KeptParts? kept, Decisions? decisions, bool heldOutOnly = false)
    {
        var cifar = CifarBinary.Read(folder);
        var pictures = decisions?.Pictures;
        string[] added = classes is null ? [.. pictures?.Labels.Except(cifar.Names) ?? []] : [];
        var names = classes ?? [.. cifar.Names, .. added];
        int unknown = cifar.Names.ToList().FindIndex(name => !names.Contains(name));
        if (unknown >= 0) throw new DataException(folder,
            $"its class '{cifar.Names[unknown]}' is none that the network knows. Its classes are {string.Join(", ", cifar.Names)}, but "
            + $"the network knows {string.Join(", ", names)}");
        int[] labels = [.. cifar.Names.Select(name => names.ToList().IndexOf(name))];    // classes go by name
        string[] files = [.. Directory.EnumerateFiles(folder, "*.bin").Order(StringComparer.Ordinal)];
        var found = kept?.Find(folder, [.. files, .. pictures?.Files ?? []], heldOutOnly: heldOutOnly);
        var fresh = found is null ? Enumerable.Range(0, pictures?.Files.Count ?? 0)
            : decisions is { TakesNew: true } ? found.NewPlaces.Where(k => k >= files.Length).Select(k => k - files.Length) : [];
        var (taken, told) = decisions?.Learned(fresh, []) ?? ([], []);
        found?.Take(taken.Select(k => k + files.Length));
        int[] decided = [.. found is null ? taken : found.Learned.Where(k => k >= files.Length).Select(k => k - files.Length)];
        var train = Examples(cifar.Train, "training");
        return new LabelledImages(
            decided.Length == 0 ? train : Datasets.Concatenate(train, pictures!.Labelled(names).Subset(decided)),
            Examples(cifar.Test, "test"), names)
        {
            TrainLabels =
            [
                .. cifar.Train.Labels.ToArray().Select(label => labels[label]),
                .. decided.Length == 0 ? [] : pictures!.Numbers(names) is var numbers ? decided.Select(k => numbers[k]) : [],
            ],
            TestLabels = [.. cifar.Test.Labels.ToArray().Select(label => labels[label])],
            Remarks =
            [
                .. added.Length > 0 ? (string[])[PicturePool.New(pictures!, added, folder)] : [],
                .. told,
                .. found?.Remarks(folder) ?? [],
            ],
            IsKept = kept is not null && taken.Count == 0,
            Files =
            [
                .. files.Select(file => new RunItem(
                    Path.GetFileName(file).StartsWith("test", StringComparison.Ordinal) ? RunPart.HeldOut : RunPart.Learned, file)),
                .. decided.Select(k => new RunItem(RunPart.Learned, pictures!.Files[k])),
            ],
        };

        IDataset<ImageExample> Examples(CifarBinary.Part part, string name) => Datasets.InMemory(Enumerable.Range(0, part.Count)
            .Select(k =>
                new ImageExample(Interleaved(part.Picture(k))) { Label = labels[part.Labels[k]], Name = $"{folder}, {name} picture {k}" })
                .ToArray());
    }

    private static Image Interleaved(ReadOnlySpan<byte> planes)
    {
        const int area = CifarBinary.Size * CifarBinary.Size;
        byte[] pixels = new byte[planes.Length];
        for (int k = 0; k < area; k++)
        {
            for (int channel = 0; channel < 3; channel++) pixels[(3 * k) + channel] = planes[(channel * area) + k];
        }

        return Image.FromPixels(CifarBinary.Size, CifarBinary.Size, 3, pixels);
    }
}

/// <summary>Labelled pictures to be asked about.</summary>
/// <param name="Images">The pictures.</param>
/// <param name="Classes">The classes' names; labels are indices.</param>
/// <param name="Remarks">What a person should know of them, a sentence each.</param>
public sealed record AskedImages(IDataset<ImageExample> Images, IReadOnlyList<string> Classes, IReadOnlyList<string> Remarks);
