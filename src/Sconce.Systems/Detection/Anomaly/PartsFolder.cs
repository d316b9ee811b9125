using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>A picture of a part.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Defect">The defect's name, which is its folder's; null for a good part.</param>
/// <param name="Mask">The file that says where the defect is; null where none does.</param>
public sealed record PartPicture(string Path, string? Defect = null, string? Mask = null)
{
    /// <summary>Whether it is a good part.</summary>
    public bool IsGood => Defect is null;

    /// <summary>The mask, of the picture's size: true where it is not black.</summary>
    /// <exception cref="DataException">It has another size than the picture.</exception>
    public bool[]? ReadMask(Image picture)
    {
        if (Mask is null) return null;
        var mask = Image.Load(Mask).To8Bit().ToGray();
        if ((mask.Width, mask.Height) != (picture.Width, picture.Height))
        {
            string sizes = $"{mask.Width} x {mask.Height} and its picture {picture.Width} x {picture.Height}";
            throw new DataException(Mask, $"the mask is {sizes}: they must be alike");
        }

        return [.. mask.Pixels.ToArray().Select(value => value > 127)];
    }
}

/// <summary>
/// Pictures of parts: <c>good/</c> alone, with a folder a defect beside it and masks in <c>ground_truth/</c>, or MVTec's layout
/// (<c>train/good</c>,
/// <c>test/…</c>, <c>ground_truth/…</c>); or a folder of good pictures.
/// </summary>
/// <param name="Good">To be fitted to.</param>
/// <param name="Test">To be asked about: good ones and bad ones; none where there are no defects.</param>
/// <param name="Remarks">What a person should know, a sentence each.</param>
public sealed record PartsFolder(IReadOnlyList<PartPicture> Good, IReadOnlyList<PartPicture> Test, IReadOnlyList<string> Remarks)
{
    private const string GoodName = "good", MasksName = "ground_truth";

    /// <summary>Lists a folder; no picture is read.</summary>
    /// <exception cref="DataException">It is missing, or has no good pictures.</exception>
    public static PartsFolder Open(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DataException(folder, File.Exists(folder) ? "this is a file, not a folder of pictures" : "there is no such folder");
        string train = Path.Combine(folder, "train", GoodName), test = Path.Combine(folder, "test"), good = Path.Combine(folder, GoodName);
        bool isMvtec = Directory.Exists(train);
        string place = isMvtec ? train : Directory.Exists(good) ? good : folder;
        List<PartPicture> fitted = [.. Pictures(place).Select(path => new PartPicture(path))];
        if (fitted.Count == 0) throw new DataException(place, "there are no pictures of good parts: thirty are a good start");
        var tested = new List<PartPicture>();
        string others = isMvtec ? test : folder;
        if ((isMvtec || place == good) && Directory.Exists(others))
        {
            foreach (string defect in Directory.EnumerateDirectories(others).Order(StringComparer.Ordinal))
            {
                string name = Path.GetFileName(defect);
                if (name.StartsWith('.') || name == MasksName || (!isMvtec && name is GoodName or "train")) continue;
                bool isGood = name == GoodName || (!isMvtec && name == "test-good");
                tested.AddRange(Pictures(defect).Select(path =>
                    isGood ? new PartPicture(path) : new PartPicture(path, name, MaskOf(folder, name, path))));
            }
        }

        var remarks = new List<string>();
        int bad = tested.Count(part => !part.IsGood), bare = tested.Count(part => !part.IsGood && part.Mask is null);
        if (fitted.Count < 20) remarks.Add($"{fitted.Count} good pictures are few: the threshold is rough; thirty are a good start");
        if (bare > 0) remarks.Add($"{bare} of {bad} pictures of defects have no mask: figures of pixels are of the others");
        return new PartsFolder(fitted, tested, remarks);
    }

    private static string? MaskOf(string folder, string defect, string picture)
    {
        string stem = Path.GetFileNameWithoutExtension(picture), place = Path.Combine(folder, MasksName, defect);
        return new[] { $"{stem}_mask.png", $"{stem}.png" }.Select(name => Path.Combine(place, name)).FirstOrDefault(File.Exists);
    }

    private static IEnumerable<string> Pictures(string folder) =>
        FileWalk.All(folder)
            .Where(path => PictureExtensions.Read.Contains(Path.GetExtension(path)) && !Path.GetFileName(path).StartsWith('.'));
}
