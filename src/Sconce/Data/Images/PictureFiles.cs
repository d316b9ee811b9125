using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>Pictures without labels: all that lie in folders, at any depth. Opening lists files and reads no picture.</summary>
public sealed class PictureFiles : IDataset<ImageExample>
{
    private PictureFiles(string[] files, IReadOnlyList<string> remarks) => (Files, Remarks) = (files, remarks);

    /// <summary>Their paths, by item: each folder's own in the order of their names, then those of its subfolders.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>What a person should know of them, a sentence each: files that are left out.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <inheritdoc/>
    public int Count => Files.Count;

    /// <summary>Decodes one picture.</summary>
    /// <exception cref="ImageException">The file is broken; the message names it.</exception>
    public ImageExample this[int index] => new(Image.Load(Files[index])) { Name = Files[index] };

    /// <inheritdoc/>
    public string NameOf(int index) => Files[index];

    /// <summary>Lists folders, one after another.</summary>
    /// <exception cref="DataException">One is missing, cannot be read, or has a link that leads back.</exception>
    public static PictureFiles Of(IReadOnlyList<string> folders)
    {
        var (files, remarks) = (new List<string>(), new List<string>());
        foreach (string folder in folders)
        {
            if (!Directory.Exists(folder)) throw new DataException(folder,
                File.Exists(folder) ? "this is a file, not a folder of pictures" : "there is no such folder");
            var leftOut = new LeftOutFiles();
            files.AddRange(FileWalk.Pictures(folder, leftOut));
            remarks.AddRange(leftOut.Remarks(folder, $"only {string.Join(' ', FileWalk.ImageExtensions)} are read"));
        }

        return new PictureFiles([.. files], remarks);
    }
}
