using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>How well a screen goes together, and how well it is built. Both of the paper's terms, in both of its forms.</summary>
internal sealed class ScreenScores
{
    /// <summary>Screens that an evaluation draws.</summary>
    public const int Asked = 100;

    private const int MostCompared = 64;
    private readonly ScreenLibrary library;
    private readonly float[][] colours;
    private readonly List<OrderedTree<string>> real;
    private readonly ILookup<int, OrderedTree<string>> realByFirst;
    private readonly Dictionary<string, (double Nearest, double ToOwn)> known = [];

    /// <summary>Learns the real screens' trees.</summary>
    /// <param name="library">The sub-trees.</param>
    /// <param name="pictures">Of each.</param>
    public ScreenScores(ScreenLibrary library, IReadOnlyList<Image> pictures)
    {
        this.library = library;
        colours = [.. pictures.Select(Mean)];
        var trees = library.Screens.DistinctBy(screen => string.Join(' ', screen))
            .Select(screen => (First: screen[0], Tree: TreeOf(screen)));
        realByFirst = trees.ToLookup(screen => screen.First, screen => screen.Tree);
        real = [.. realByFirst.SelectMany(group => group)];
    }

    /// <summary>The share of a screen's sub-trees that come from its most frequent app: 1 for one style, 0 without sub-trees.</summary>
    public double Style(IReadOnlyList<int> tokens)
    {
        int[] apps = Apps(tokens);
        return apps.Length == 0 ? 0 : (double)apps.CountBy(app => app).Max(app => app.Value) / apps.Length;
    }

    /// <summary>1 less the edit distance to the nearest real screen's tree, over the larger of both: 1 for a tree that is there.</summary>
    public double Structure(IReadOnlyList<int> tokens) => Distances(tokens).Nearest;

    /// <summary>The official score of style, lower for one app: by clusters of the sub-trees' mean colours.</summary>
    public double OfficialStyle(IReadOnlyList<int> tokens)
    {
        List<int> parts = [.. tokens.Where(token => token >= ScreenLibrary.FirstPart)];
        if (parts.Count == 0) return 1;
        var places = parts.Select(token => colours[token - ScreenLibrary.FirstPart]).ToList();
        return StyleScore.Of(Apps(parts), places, new Random(0));
    }

    /// <summary>The official score of structure: the edit distance to the real screen that the first sub-tree comes from.</summary>
    public double OfficialStructure(IReadOnlyList<int> tokens) => Distances(tokens).ToOwn;

    /// <summary>Of a hundred screens that are always drawn alike: style, structure, their sum, and how many differ.</summary>
    public FigureSet FiguresOf(SubtreeGenerator writer, ulong seed)
    {
        using var scope = new TensorScope();
        var screens = ScreenPainter.Sample(writer, Asked, library.Length, seed).ToArray<long>().Chunk(library.Length)
            .Select(row => library.Vocabulary.Tidied([.. row.Select(token => (int)token)])).ToList();
        double style = screens.Average(Style), structure = screens.Average(Structure);
        return new FigureSet
        {
            { GuiganMethod.Both, style + structure },
            { "style", style },
            { "structure", structure },
            { "distinct", screens.Select(screen => string.Join(' ', screen)).Distinct().Count() / (double)Asked },
        };
    }

    private int[] Apps(IReadOnlyList<int> tokens) => [.. tokens.Select(library.PartOf).OfType<ScreenPart>().Select(part => part.App)];

    private (double Nearest, double ToOwn) Distances(IReadOnlyList<int> tokens)
    {
        string key = string.Join(' ', tokens);
        if (known.TryGetValue(key, out var found)) return found;
        var tree = TreeOf(tokens);
        int first = tokens.FirstOrDefault(token => token >= ScreenLibrary.FirstPart);
        var own = realByFirst[first].Take(MostCompared).ToList();
        double toOwn = own.Count == 0 ? tree.Count : own.Min(tree.DistanceTo);
        double nearest = (own.Count > 0 ? own : real.Take(MostCompared))
            .Max(other => 1 - (tree.DistanceTo(other) / (double)Math.Max(tree.Count, other.Count)));
        return known[key] = (nearest, toOwn);
    }

    private OrderedTree<string> TreeOf(IEnumerable<int> tokens) => new(
        [(0, "Screen"), .. tokens.Select(library.PartOf).OfType<ScreenPart>().SelectMany(part => part.Tree.Nodes(1))]);

    private static float[] Mean(Image picture)
    {
        var sums = new double[3];
        var pixels = picture.Bytes;
        for (int k = 0; k < pixels.Length; k++) sums[k % 3] += pixels[k];
        return [.. sums.Select(sum => (float)(sum / (255.0 * picture.Width * picture.Height)))];
    }
}
