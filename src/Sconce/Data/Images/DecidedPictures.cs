using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>
/// Pictures that a person has labelled one by one, a folder a label: what the server's review queue leaves (<c>review/decided/NAME</c>), or
/// copies of unsure ones that were sorted. Unlike a data set it may lack classes, hold empty folders and loose files.
/// </summary>
public sealed class DecidedPictures
{
    private readonly string[] files;
    private readonly string[] labels;

    private DecidedPictures(string root, string[] files, string[] labels) => (Root, this.files, this.labels) = (root, files, labels);

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>The pictures' paths, label by label.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>The labels that pictures have, sorted.</summary>
    public IReadOnlyList<string> Labels => [.. labels.Distinct()];

    /// <summary>Lists a folder; no picture is read.</summary>
    /// <param name="root">Holds a folder a label.</param>
    /// <exception cref="DataException">There is no such folder, or nothing is decided in it.</exception>
    public static DecidedPictures Open(string root)
    {
        var pictures = FileWalk.Folders(root)
            .SelectMany(label => FileWalk.Pictures(Path.Combine(root, label)).Select(file => (File: file, Label: label))).ToList();
        if (pictures.Count == 0)
        {
            throw new DataException(root, FileWalk.HasLoosePictures(root)
                ? "its pictures are not decided yet: sort them into a subfolder a label"
                : "nothing is decided in it: it holds a subfolder a label, with pictures");
        }

        return new DecidedPictures(root, [.. pictures.Select(one => one.File)], [.. pictures.Select(one => one.Label)]);
    }

    /// <summary>The number of each picture's label.</summary>
    /// <param name="classes">The classes' names, in order.</param>
    /// <exception cref="DataException">A label is none of them.</exception>
    public IReadOnlyList<int> Numbers(IReadOnlyList<string> classes)
    {
        string[] unknown = [.. Labels.Except(classes)];
        if (unknown.Length > 0)
        {
            throw new DataException(Root,
                $"{(unknown.Length == 1 ? $"the label '{unknown[0]}' is" : $"the labels {string.Join(", ", unknown)} are")} unknown to the "
                + $"run. {NearestNames.Suggest(unknown[0], classes)}".TrimEnd()
                + $" The labels decided are {string.Join(", ", Labels)}; the run's classes are {string.Join(", ", classes)}. Rename or "
                + "remove the folder, or begin a new run, which learns new classes too");
        }

        var numbers = classes.Index().ToDictionary(one => one.Item, one => one.Index, StringComparer.Ordinal);
        return [.. labels.Select(label => numbers[label])];
    }

    /// <summary>The pictures with the numbers of their labels.</summary>
    /// <param name="classes">The classes' names, in order.</param>
    /// <exception cref="DataException">A label is none of them.</exception>
    public IDataset<ImageExample> Labelled(IReadOnlyList<string> classes) => new Examples(files, Numbers(classes));

    /// <summary>Places of those that are held-out files as well, byte for byte: learning from them would tell the answers.</summary>
    /// <param name="heldOut">Paths.</param>
    internal IReadOnlySet<int> Twins(IEnumerable<string> heldOut)
    {
        var held = heldOut.Where(File.Exists).ToLookup(path => new FileInfo(path).Length);
        return Enumerable.Range(0, files.Length)
            .Where(k => held[new FileInfo(files[k]).Length] is var same && same.Any() && FileMark.Of(files[k]) is var mark
                && same.Any(other => FileMark.Of(other).Content == mark.Content))
            .ToHashSet();
    }

    /// <summary>How many of some of them each label has, in words.</summary>
    internal string Counted(IEnumerable<int> places) =>
        string.Join(", ", places.CountBy(k => labels[k]).Select(one => $"{one.Key} {one.Value}"));

    private sealed class Examples(string[] files, IReadOnlyList<int> labels) : IDataset<ImageExample>
    {
        public int Count => files.Length;

        public ImageExample this[int index] => new(Image.Load(files[index])) { Label = labels[index], Name = files[index] };

        public string NameOf(int index) => files[index];
    }
}
