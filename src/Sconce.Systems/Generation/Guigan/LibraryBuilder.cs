using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>Gathers screens that are cut into sub-trees; equal sub-trees of one app are one token.</summary>
/// <param name="width">Of the screens, in pixels.</param>
internal sealed class LibraryBuilder(int width)
{
    private readonly OrderedDictionary<string, int> apps = [];
    private readonly OrderedDictionary<string, int> known = [];
    private readonly List<(int App, ScreenNode Tree)> parts = [];
    private readonly HashSet<int> beginning = [], ending = [];
    private readonly List<int[]> screens = [];

    /// <summary>A picture of each sub-tree.</summary>
    public List<Image> Pictures { get; } = [];

    public int Screens => screens.Count;

    /// <summary>Adds a screen.</summary>
    /// <param name="app">Its app.</param>
    /// <param name="trees">Its sub-trees from top to bottom, in the screen's own pixels.</param>
    /// <param name="picture">Draws or cuts one.</param>
    public void Add(string app, IReadOnlyList<ScreenNode> trees, Func<ScreenNode, Image> picture)
    {
        if (!apps.TryGetValue(app, out int number)) apps[app] = number = apps.Count;
        var tokens = new List<int>();
        int bottom = trees[0].Bounds[1];
        foreach (var tree in trees)
        {
            int gap = tree.Bounds[1] - bottom;
            if (gap > 0) tokens.Add(ScreenVocabulary.StripOf(gap));
            tokens.Add(TokenOf(number, tree, picture));
            bottom = tree.Bounds[3];
        }

        beginning.Add(tokens[0]);
        ending.Add(tokens[^1]);
        screens.Add([.. tokens]);
    }

    /// <summary>All of it.</summary>
    /// <param name="length">Tokens of a screen; longer ones are cut.</param>
    public ScreenLibrary Build(int length) => new(
        width,
        length,
        [.. apps.Keys],
        [.. parts.Select((part, k) => new ScreenPart(
            part.App, beginning.Contains(k + ScreenLibrary.FirstPart), ending.Contains(k + ScreenLibrary.FirstPart), part.Tree))],
        [.. screens.Select(screen => screen.Length > length ? screen[..length] : screen)]);

    /// <summary>The longest screen's tokens.</summary>
    public int Longest => screens.Max(screen => screen.Length);

    private int TokenOf(int app, ScreenNode tree, Func<ScreenNode, Image> picture)
    {
        var own = tree.Lowered(-tree.Bounds[1]);
        string key = $"{app} {tree.Width}x{tree.Height} {string.Join(' ', own.Nodes().Select(node => $"{node.Depth}{node.Class}"))}";
        if (known.TryGetValue(key, out int token)) return token;
        known[key] = token = ScreenLibrary.FirstPart + parts.Count;
        parts.Add((app, own));
        Pictures.Add(picture(tree));
        return token;
    }
}

/// <summary>
/// A folder of screens as Rico has them: <c>12.json</c>, the view hierarchy, beside <c>12.jpg</c>. 2101.09978 §III-A; GUIGAN
/// code/GetSubtree.
/// </summary>
internal static class ScreenFolder
{
    private const int OfficialWidth = 1440, PictureWidth = 360;
    private const double Wide = 0.9, Flattest = 30, Tallest = 50;
    private const int Lowest = 5, Highest = 1280, SmallHeight = 150, SmallWidth = 800, Narrowest = 1000;

    /// <summary>Reads it.</summary>
    /// <returns>The screens, and what is to be told of them.</returns>
    /// <exception cref="DataException">A file is damaged, or no screen has a sub-tree that can be used.</exception>
    public static (LibraryBuilder Builder, IReadOnlyList<string> Remarks) Read(string folder, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder)) throw new DataException(folder, "there is no such folder: screens as 1.json and 1.jpg are expected");
        var builder = new LibraryBuilder(OfficialWidth);
        int passed = 0;
        foreach (string path in Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            var (app, root) = ViewHierarchy.Read(path, OfficialWidth);
            string picture = ((string[])[".jpg", ".png", ".jpeg"]).Select(ending => Path.ChangeExtension(path, ending))
                .FirstOrDefault(File.Exists)
                ?? throw new DataException(path, "there is no picture of the same name (.jpg or .png) beside it");
            var trees = InOrder(Cut(root));
            if (trees.Count == 0)
            {
                passed++;
                continue;
            }

            var screen = new Lazy<Image>(() => Image.Load(picture).To8Bit().ToRgb());
            builder.Add(app, trees, tree => Cropped(screen.Value, tree));
        }

        if (builder.Screens < 2)
        {
            throw new DataException(
                folder, $"{builder.Screens} screens with sub-trees that can be used ({passed} without): two are needed at least");
        }

        return (builder, passed > 0 ? [$"{passed} screens have no sub-tree of the sizes that are used"] : []);
    }

    /// <summary>What is wide is cut into its children, as long as something of them can be used.</summary>
    private static List<ScreenNode> Cut(ScreenNode node)
    {
        if (node.Width > Wide * OfficialWidth && node.Children.Count > 0 && node.Children.SelectMany(Cut).ToList() is { Count: > 0 } parts)
            return parts;
        return IsUsed(node) ? [node] : [];
    }

    private static bool IsUsed(ScreenNode node)
    {
        double width = node.Width, height = node.Height;
        return height >= Lowest && height < Highest && width > Narrowest && width / height < Flattest && height / width < Tallest
            && !(height <= SmallHeight && width <= SmallWidth);
    }

    /// <summary>From top to bottom; what overlaps one that stands before it is left out.</summary>
    private static List<ScreenNode> InOrder(List<ScreenNode> trees)
    {
        var kept = new List<ScreenNode>();
        foreach (var tree in trees.OrderBy(tree => tree.Bounds[1]).ThenBy(tree => tree.Bounds[3]))
        {
            if (kept.Count == 0 || tree.Bounds[1] >= kept[^1].Bounds[3]) kept.Add(tree);
        }

        return kept;
    }

    private static Image Cropped(Image screen, ScreenNode tree)
    {
        double scale = (double)screen.Width / OfficialWidth;
        int left = Pixel(tree.Bounds[0], screen.Width - 1), top = Pixel(tree.Bounds[1], screen.Height - 1);
        int right = Math.Max(left + 1, Pixel(tree.Bounds[2], screen.Width));
        int bottom = Math.Max(top + 1, Pixel(tree.Bounds[3], screen.Height));
        double shrink = (double)PictureWidth / OfficialWidth;
        return screen.Crop(new PixelBox(left, top, right, bottom))
            .Resize(Math.Max(1, (int)Math.Round(tree.Width * shrink)), Math.Max(1, (int)Math.Round(tree.Height * shrink)));

        int Pixel(int place, int most) => Math.Clamp((int)Math.Round(place * scale), 0, most);
    }
}
