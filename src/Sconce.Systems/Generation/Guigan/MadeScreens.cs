using Sconce.Imaging;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>
/// Screens by a grammar, where no real ones are at hand: six apps, each with colours of its own; a screen is a bar, three to five items of
/// one kind, and a navigation bar, all of one app.
/// </summary>
internal static class MadeScreens
{
    public const int Apps = 6, Kinds = 5;

    private const int Width = 1440, PictureWidth = 360, FewestItems = 3, MostItems = 5;
    private static readonly (string Class, int Height)[] Widgets =
        [("Toolbar", 168), ("ListItem", 200), ("Card", 400), ("ImageView", 440), ("NavigationBar", 160)];

    private static readonly (Rgb Theme, Rgb Ground)[] Themes =
    [
        (new(33, 105, 200), new(236, 242, 250)), (new(200, 60, 50), new(252, 238, 236)), (new(40, 140, 80), new(235, 247, 240)),
        (new(120, 70, 160), new(243, 237, 248)), (new(230, 140, 20), new(253, 245, 230)), (new(50, 55, 65), new(225, 227, 232)),
    ];

    /// <summary>The kinds of a screen's parts from top to bottom, by their places among <see cref="Kinds"/>.</summary>
    public static int[] Skeleton(Random random) =>
        [0, .. Enumerable.Repeat(random.Next(1, Kinds - 1), random.Next(FewestItems, MostItems + 1)), Kinds - 1];

    /// <summary>Every legal skeleton.</summary>
    public static IEnumerable<int[]> Skeletons =>
        from kind in Enumerable.Range(1, Kinds - 2)
        from count in Enumerable.Range(FewestItems, MostItems + 1 - FewestItems)
        select (int[])[0, .. Enumerable.Repeat(kind, count), Kinds - 1];

    /// <summary>Draws screens at random.</summary>
    public static LibraryBuilder Draw(int count, Random random)
    {
        var builder = new LibraryBuilder(Width);
        for (int k = 0; k < count; k++)
        {
            int app = random.Next(Apps);
            Add(builder, app, Skeleton(random));
        }

        return builder;
    }

    /// <summary>Every part of every app, app by app and kind by kind, as sub-trees; its screens are none that the grammar makes.</summary>
    public static LibraryBuilder Parts()
    {
        var builder = new LibraryBuilder(Width);
        for (int app = 0; app < Apps; app++) Add(builder, app, Enumerable.Range(0, Kinds));
        return builder;
    }

    private static void Add(LibraryBuilder builder, int app, IEnumerable<int> kinds)
    {
        int top = 0;
        var trees = new List<ScreenNode>();
        foreach (int kind in kinds)
        {
            trees.Add(Widget(kind).Lowered(top));
            top += Widgets[kind].Height;
        }

        builder.Add($"app{app + 1}", trees, tree => Picture(tree, Themes[app]));
    }

    private static ScreenNode Widget(int kind)
    {
        var (name, height) = Widgets[kind];
        int middle = height / 2;
        ScreenNode[] children = name switch
        {
            "Toolbar" => [Leaf("Icon", 40, 40, 130, height - 40), Leaf("Text", 200, 50, 900, height - 50)],
            "ListItem" =>
            [
                Leaf("Icon", 40, 40, 160, height - 40), Leaf("Text", 220, 40, 1200, middle),
                Leaf("Text", 220, middle + 20, 900, height - 40),
            ],
            "Card" =>
            [
                Leaf("Image", 60, 40, 560, height - 40), Leaf("Text", 620, 60, 1340, 150),
                Leaf("Button", 980, height - 130, 1340, height - 50),
            ],
            "ImageView" => [Leaf("Image", 40, 30, 1400, height - 30)],
            _ => [.. Enumerable.Range(0, 4).Select(k => Leaf("Icon", 130 + (360 * k), 30, 230 + (360 * k), height - 30))],
        };
        return new ScreenNode(name, [0, 0, Width, height], children);
    }

    private static ScreenNode Leaf(string name, int left, int top, int right, int bottom) => new(name, [left, top, right, bottom], []);

    private static Image Picture(ScreenNode tree, (Rgb Theme, Rgb Ground) colours)
    {
        int scale = Width / PictureWidth;
        var picture = new Image(PictureWidth, tree.Height / scale);
        bool isBar = tree.Class is "Toolbar" or "NavigationBar";
        picture.Fill(new PixelBox(0, 0, picture.Width, picture.Height), isBar ? colours.Theme : colours.Ground);
        foreach (var child in tree.Lowered(-tree.Bounds[1]).Children)
        {
            var box = new PixelBox(child.Bounds[0] / scale, child.Bounds[1] / scale, child.Bounds[2] / scale, child.Bounds[3] / scale);
            picture.Fill(box, isBar ? colours.Ground : child.Class == "Text" ? new Rgb(90, 90, 90) : colours.Theme);
        }

        return picture;
    }
}
