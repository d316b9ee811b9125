using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>What a painter of narratives knows: labels, words, described scenes, and pictures of them.</summary>
/// <param name="Labels">Names.</param>
/// <param name="Stuff">Of each label, whether it fills the ground.</param>
/// <param name="Side">Of maps and pictures, in pixels.</param>
/// <param name="Scenes">Described, in the order of the data.</param>
/// <param name="Pictures">Of each scene, of the side.</param>
internal sealed record TrecsWorld(
    IReadOnlyList<string> Labels, IReadOnlyList<bool> Stuff, int Side, IReadOnlyList<DescribedScene> Scenes, IReadOnlyList<Image> Pictures)
{
    private const int MostWords = 128;

    private static readonly Rgb[] Colours =
    [
        Rgb.Black, new(220, 50, 47), new(203, 75, 22), new(181, 137, 0), new(211, 54, 130), new(108, 113, 196), new(60, 60, 60),
        new(150, 200, 240), new(200, 150, 130), new(110, 170, 90), new(160, 160, 160),
    ];

    /// <summary>The words of all narratives, each once.</summary>
    public IReadOnlyList<string> Words { get; } =
    [
        .. Scenes.SelectMany(one => one.Narrative.Utterances.Select(word => WordNumbers.Plain(word.Text))).Distinct()
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Words of the longest narrative, at most 128.</summary>
    public int Longest { get; } = Math.Clamp(Scenes.Max(one => one.Narrative.Utterances.Count), 1, MostWords);

    /// <summary>Small scenes drawn at random.</summary>
    public static TrecsWorld Made(int count, ulong seed)
    {
        var random = new Random((int)(seed % int.MaxValue));
        List<DescribedScene> scenes = [.. Enumerable.Range(0, count).Select(k => TinyWorld.Draw(random, $"made{k}"))];
        return new TrecsWorld(
            [.. Enumerable.Range(0, TinyWorld.Labels).Select(TinyWorld.NameOf)],
            [.. Enumerable.Range(0, TinyWorld.Labels).Select(TinyWorld.IsStuff)],
            TinyWorld.Side,
            scenes,
            [.. scenes.Select(one => Textured(one.Scene, random))]);
    }

    /// <summary>Labels as colours, for looking at.</summary>
    public static Image Coloured(IReadOnlyList<int> labels, int side) => Painted(labels, side, (_, label) => ColourOf(label));

    /// <summary>Maps of labels, one-hot: <c>(N, labels, side, side)</c>.</summary>
    public Tensor Maps(IReadOnlyList<IReadOnlyList<int>> maps)
    {
        int area = Side * Side, labels = Labels.Count;
        var values = new float[maps.Count * labels * area];
        foreach (var (n, map) in maps.Index())
        {
            for (int k = 0; k < area; k++) values[(((n * labels) + map[k]) * area) + k] = 1;
        }

        return Tensor.From(values, [maps.Count, labels, Side, Side]);
    }

    /// <summary>A made scene's picture: each label's colour, in stripes and with noise.</summary>
    private static Image Textured(Scene scene, Random random) => Painted(scene.Labels, scene.Width, (k, label) =>
    {
        var colour = ColourOf(label);
        int x = k % scene.Width, y = k / scene.Width;
        int change = (((x * (label % 3)) + (y * (label % 2))) % 4 * 12) - 18 + random.Next(-8, 9);
        return new Rgb(Changed(colour.R), Changed(colour.G), Changed(colour.B));

        byte Changed(byte part) => (byte)Math.Clamp(part + change, 0, 255);
    });

    private static Rgb ColourOf(int label)
    {
        if (label < Colours.Length) return Colours[label];
        int hue = label * 67; // any label has one of its own
        return new Rgb((byte)(60 + (hue % 180)), (byte)(60 + (hue * 3 % 180)), (byte)(60 + (hue * 7 % 180)));
    }

    private static Image Painted(IReadOnlyList<int> labels, int width, Func<int, int, Rgb> colourOf)
    {
        var picture = new Image(width, labels.Count / width);
        for (int k = 0; k < labels.Count; k++)
        {
            var colour = colourOf(k, labels[k]);
            var row = picture.Row(k / width);
            int at = 3 * (k % width);
            (row[at], row[at + 1], row[at + 2]) = (colour.R, colour.G, colour.B);
        }

        return picture;
    }
}
