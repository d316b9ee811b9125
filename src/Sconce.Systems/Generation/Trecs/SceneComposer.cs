namespace Sconce.Systems.Generation.Trecs;

/// <summary>An object of a scene.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Pixels">Row by row: where it is.</param>
public sealed record SceneObject(int Label, bool[] Pixels);

/// <summary>A picture's segmentation: a label for each pixel, and the things on it.</summary>
/// <param name="Height">In pixels.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Labels">Row by row, things among them.</param>
/// <param name="Things">Each object by itself.</param>
public sealed record Scene(int Height, int Width, int[] Labels, IReadOnlyList<SceneObject> Things);

/// <summary>Consecutive words about one object, and where the mouse was meanwhile.</summary>
/// <param name="Label">What they are about.</param>
/// <param name="Hull">Of the trace.</param>
public sealed record ScenePhrase(int Label, TraceHull Hull);

/// <summary>
/// Composes a map of labels from the masks of retrieved pictures, each put where the mouse was. 2011.03775 §4.3; the paper's own rules are
/// not published in full, these are stated in each method.
/// </summary>
/// <param name="isStuff">Whether a label is stuff (sky, grass), which fills the ground, or a thing, which lies on it.</param>
public sealed class SceneComposer(Func<int, bool> isStuff)
{
    /// <summary>Intersection over union of a mask and a hull; 0 where both are empty.</summary>
    public static double Overlap(IReadOnlyList<bool> mask, IReadOnlyList<bool> hull)
    {
        int both = 0, either = 0;
        for (int k = 0; k < mask.Count; k++)
        {
            if (mask[k] && hull[k]) both++;
            if (mask[k] || hull[k]) either++;
        }

        return either == 0 ? 0 : both / (double)either;
    }

    /// <summary>Writes a label where the mask is.</summary>
    public static void Paint(int[] canvas, IReadOnlyList<bool> mask, int label)
    {
        for (int k = 0; k < canvas.Length; k++)
        {
            if (mask[k]) canvas[k] = label;
        }
    }

    /// <summary>A mask moved so that its centroid is the hull's, to whole pixels; what leaves the picture is cut.</summary>
    public static bool[] MovedTo(TraceHull hull, IReadOnlyList<bool> mask)
    {
        var moved = new bool[mask.Count];
        if (Centroid(mask, hull.Width) is not { } from || Centroid(hull.Pixels, hull.Width) is not { } to) return moved;
        int down = (int)Math.Round(to.Row - from.Row), right = (int)Math.Round(to.Column - from.Column);
        for (int k = 0; k < mask.Count; k++)
        {
            if (!mask[k]) continue;
            int row = (k / hull.Width) + down, column = (k % hull.Width) + right;
            if (row >= 0 && row < hull.Height && column >= 0 && column < hull.Width) moved[(row * hull.Width) + column] = true;
        }

        return moved;
    }

    /// <summary>
    /// The canvas: the ground of the retrieved scene whose stuff agrees best with the hulls of stuff phrases; then for each thing, as
    /// spoken, the mask of its label that overlaps most with its hull once moved there. Where no scene has the label, the hull itself is
    /// painted.
    /// </summary>
    /// <param name="phrases">In spoken order.</param>
    /// <param name="retrieved">Scenes of one size, the best match first.</param>
    /// <returns>A label for each pixel, row by row.</returns>
    /// <exception cref="ArgumentException">There is no scene, or sizes differ.</exception>
    public int[] Compose(IReadOnlyList<ScenePhrase> phrases, IReadOnlyList<Scene> retrieved)
    {
        if (retrieved.Count == 0) throw new ArgumentException("composition: no scene was retrieved to take masks from", nameof(retrieved));
        int size = retrieved[0].Labels.Length;
        if (retrieved.Any(scene => scene.Labels.Length != size) || phrases.Any(phrase => phrase.Hull.Pixels.Length != size))
        {
            throw new ArgumentException("composition: scenes and hulls must be of one size; resize them first", nameof(retrieved));
        }

        var ground = phrases.Where(phrase => isStuff(phrase.Label) && phrase.Hull.Area > 0).ToList();
        var canvas = Ground(retrieved.MaxBy(scene => ground.Sum(phrase => Agreement(scene, phrase)))!);
        foreach (var phrase in phrases.Where(phrase => !isStuff(phrase.Label) && phrase.Hull.Area > 0))
        {
            var best = retrieved.SelectMany(scene => scene.Things).Where(thing => thing.Label == phrase.Label)
                .Select(thing => MovedTo(phrase.Hull, thing.Pixels)).MaxBy(mask => Overlap(mask, phrase.Hull.Pixels));
            Paint(canvas, best ?? phrase.Hull.Pixels, phrase.Label);
        }

        return canvas;
    }

    /// <summary>The share of a hull's pixels that have its label.</summary>
    private static double Agreement(Scene scene, ScenePhrase phrase) =>
        phrase.Hull.Pixels.Index().Count(pixel => pixel.Item && scene.Labels[pixel.Index] == phrase.Label) / (double)phrase.Hull.Area;

    /// <summary>A scene without its things: each of their pixels takes the commonest stuff of its row, or of the picture.</summary>
    private int[] Ground(Scene scene)
    {
        var ground = (int[])scene.Labels.Clone();
        int? whole = Commonest(scene.Labels);
        for (int row = 0; row < scene.Height; row++)
        {
            var line = ground.AsSpan(row * scene.Width, scene.Width);
            int? stuff = Commonest(line.ToArray()) ?? whole;
            foreach (ref int label in line)
            {
                if (!isStuff(label) && stuff is { } filling) label = filling;
            }
        }

        return ground;
    }

    private int? Commonest(IEnumerable<int> labels)
    {
        var counts = labels.Where(isStuff).CountBy(label => label).ToList();
        return counts.Count == 0 ? null : counts.MaxBy(count => count.Value).Key;
    }

    private static (double Row, double Column)? Centroid(IReadOnlyList<bool> mask, int width)
    {
        var inside = mask.Index().Where(pixel => pixel.Item).Select(pixel => pixel.Index).ToList();
        return inside.Count == 0 ? null : (inside.Average(k => k / width), inside.Average(k => k % width));
    }
}
