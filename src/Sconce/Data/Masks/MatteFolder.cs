using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>A picture and how opaque whoever is in front is.</summary>
/// <param name="Picture">8-bit RGB.</param>
/// <param name="Matte">8-bit grey of the same size: 0 for background, 255 for the person; null where it is not known.</param>
public sealed record MattedPicture(Image Picture, Image? Matte);

/// <summary>
/// A person's pictures with their mattes, in a part to learn from and one to be asked about. The folder has a subfolder of pictures
/// (<c>images</c>, <c>image</c>, <c>original</c>) and one of grey mattes of the same names (<c>mattes</c>, <c>matte</c>, <c>alpha</c>,
/// <c>mask</c>, <c>masks</c>); or it has parts (<c>train</c>, <c>val</c> …) with such subfolders each; or it has pictures that are
/// transparent themselves. Where there is one part alone, a share of it is held out.
/// </summary>
public sealed class MatteFolder
{
    private static readonly HashSet<string> PictureNames = Names("images image original originals");
    private static readonly HashSet<string> MatteNames = Names("mattes matte alpha alphas mask masks");

    private readonly IReadOnlyList<(string Picture, string? Matte)> pairs;
    private readonly bool isKept;

    private MatteFolder(
        IReadOnlyList<(string Picture, string? Matte)> pairs, IReadOnlyList<int> learned, IReadOnlyList<int> heldOut,
        IReadOnlyList<string> remarks, bool isKept)
    {
        (this.pairs, this.isKept) = (pairs, isKept);
        (Learned, HeldOut, Remarks) = (Part(learned), Part(heldOut), remarks);
    }

    /// <summary>To learn from.</summary>
    public IDataset<MattedPicture> Learned { get; }

    /// <summary>To be asked about.</summary>
    public IDataset<MattedPicture> HeldOut { get; }

    /// <summary>Whether every picture has a matte.</summary>
    public bool HasMattes => pairs.All(pair => pair.Matte is not null);

    /// <summary>What a person should know of the data, a sentence each.</summary>
    public IReadOnlyList<string> Remarks { get; }

    /// <summary>Opens both parts.</summary>
    /// <param name="folder">See <see cref="MatteFolder"/>.</param>
    /// <param name="needsMattes">Whether a picture without a matte is a fault; else any folder of pictures will do.</param>
    /// <param name="validation">The share that is held out where there is one part alone, in (0, 1).</param>
    /// <param name="seed">Which those are.</param>
    /// <param name="kept">The parts of a run that goes on; null for a new one.</param>
    /// <exception cref="DataException">No such layout, a matte that is missing, a file of the run that is gone.</exception>
    public static MatteFolder Open(string folder, bool needsMattes, double validation = 0.1, ulong seed = 0, KeptParts? kept = null)
    {
        var (pairs, own) = PairedPictures.OfParts(folder, part => Pairs(part, needsMattes));
        if (pairs.Count < 2)
            throw new DataException(folder, $"{pairs.Count} pictures are too few: some are to learn from and some to be asked about");
        var found = kept?.Find(folder, [.. pairs.Select(pair => pair.Picture)]);
        var (learned, held) = found is not null ? (found.Learned, found.HeldOut)
            : own < pairs.Count ? ([.. Enumerable.Range(0, own)], [.. Enumerable.Range(own, pairs.Count - own)])
            : PairedPictures.Drawn(pairs.Count, validation, seed);
        return new MatteFolder(pairs, learned, held, [.. found?.Remarks(folder) ?? []], found is not null);
    }

    /// <summary>All pictures of a folder, to be asked about: its part for that where there is one.</summary>
    /// <param name="folder">See <see cref="MatteFolder"/>; every picture has a matte.</param>
    /// <exception cref="DataException">No such layout, or a matte that is missing.</exception>
    public static IDataset<MattedPicture> OpenTest(string folder) =>
        new Pictures(Pairs(PairedPictures.AskedPart(folder), needsMattes: true));

    /// <summary>Keeps the parts in a run's folder, where they are not kept yet.</summary>
    /// <param name="folder">The run's; null for a run in memory.</param>
    /// <param name="data">The folder that was opened.</param>
    public void Keep(string? folder, string data) => KeptParts.Keep(isKept ? null : folder, data,
    [
        .. Enumerable.Range(0, Learned.Count).Select(k => new RunItem(RunPart.Learned, Learned.NameOf(k))),
        .. Enumerable.Range(0, HeldOut.Count).Select(k => new RunItem(RunPart.HeldOut, HeldOut.NameOf(k))),
    ]);

    private static HashSet<string> Names(string names) => new(names.Split(' '), StringComparer.OrdinalIgnoreCase);

    private Pictures Part(IReadOnlyList<int> places) => new([.. places.Select(place => pairs[place])]);

    private static List<(string Picture, string? Matte)> Pairs(string folder, bool needsMattes)
    {
        var pairs = PairedPictures.Companions(folder, PictureNames, MatteNames);
        if (pairs is null)
        {
            var all = FileWalk.Pictures(folder);
            if (all.Count == 0) throw new DataException(folder, "there are no pictures in it");
            var clear = all.Select(file => (file, HasAlpha(file) ? file : null)).ToList();
            if (needsMattes && clear.FirstOrDefault(pair => pair.Item2 is null).file is { } opaque)
            {
                throw new DataException(
                    folder,
                    "it has no subfolders images and mattes (grey pictures of the same names), and its pictures are not all transparent "
                    + $"themselves: {Path.GetFileName(opaque)} is not");
            }

            return clear;
        }

        string? bare = needsMattes ? pairs.FirstOrDefault(pair => pair.Other is null).Picture : null;
        return bare is null ? pairs : throw new DataException(bare, "there is no matte of its name");
    }

    private static bool HasAlpha(string file)
    {
        try
        {
            return Image.ReadInfo(file).Channels == 4;
        }
        catch (ImageException)
        {
            return false;    // whoever reads it will say what is wrong
        }
    }

    private sealed class Pictures(IReadOnlyList<(string Picture, string? Matte)> pairs) : IDataset<MattedPicture>
    {
        public int Count => pairs.Count;

        public MattedPicture this[int index]
        {
            get
            {
                var (file, matteFile) = pairs[index];
                var picture = Image.Load(file).To8Bit();
                if (matteFile is null) return new MattedPicture(picture.ToRgb(Rgb.White), null);
                if (matteFile == file) return Clear(picture.ToRgba());
                var matte = Image.Load(matteFile).To8Bit().ToRgb(Rgb.Black).ToGray();
                bool fits = (matte.Width, matte.Height) == (picture.Width, picture.Height);
                if (fits) return new MattedPicture(picture.ToRgb(Rgb.White), matte);
                throw new DataException(
                    matteFile, $"it is {matte.Width} x {matte.Height} pixels, but its picture is {picture.Width} x {picture.Height}");
            }
        }

        public string NameOf(int index) => pairs[index].Picture;

        /// <summary>A transparent picture: its colours, which are there where one sees nothing of them too, and its alpha.</summary>
        private static MattedPicture Clear(Image rgba)
        {
            Image colours = new(rgba.Width, rgba.Height), matte = new(rgba.Width, rgba.Height, 1);
            Span<byte> from = rgba.Pixels, colour = colours.Pixels, alpha = matte.Pixels;
            for (int k = 0; k < alpha.Length; k++)
            {
                from.Slice(4 * k, 3).CopyTo(colour[(3 * k)..]);
                alpha[k] = from[(4 * k) + 3];
            }

            return new MattedPicture(colours, matte);
        }
    }
}
