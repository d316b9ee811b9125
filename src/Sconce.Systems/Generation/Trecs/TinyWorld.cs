namespace Sconce.Systems.Generation.Trecs;

/// <summary>A scene and what somebody said of it while pointing.</summary>
/// <param name="Scene">Labels and things.</param>
/// <param name="Narrative">A word at a time, each with places of the mouse.</param>
internal sealed record DescribedScene(Scene Scene, Narrative Narrative);

/// <summary>
/// Small scenes with narratives: one of two kinds of ground above, one of two below, and two or three of six kinds of things, each with a
/// shape of its own; told in any order as "there is a dog", with a mouse that is on what is meant.
/// </summary>
internal static class TinyWorld
{
    public const int Side = 32, Labels = 11, FirstStuff = 7;

    private const int Things = 6, Places = 10, Grounds = 2;
    private const double Smallest = 3.5, Largest = 6, Noise = 1, Spoken = 0.9;

    private static readonly string[][] Openers = [["there", "is", "a"], ["i", "see", "a"], ["we", "have", "a"], ["here", "is", "the"]];

    private static readonly string[][] Names =
    [
        [], ["ball", "balloon"], ["box", "crate"], ["tent", "roof"], ["boat", "ship"], ["cross", "plus"], ["tower", "pole"],
        ["sky", "heaven"], ["wall", "bricks"], ["grass", "lawn"], ["road", "street"],
    ];

    /// <summary>What a label is called.</summary>
    public static string NameOf(int label) => label == 0 ? "nothing" : Names[label][0];

    /// <summary>Whether a label fills the ground.</summary>
    public static bool IsStuff(int label) => label >= FirstStuff;

    /// <summary>All words there are.</summary>
    public static IEnumerable<string> Words => Openers.SelectMany(opener => opener).Concat(Names.SelectMany(names => names)).Distinct();

    /// <summary>Draws one.</summary>
    public static DescribedScene Draw(Random random, string id = "")
    {
        int horizon = random.Next(10, 23), upper = FirstStuff + random.Next(Grounds), lower = FirstStuff + Grounds + random.Next(Grounds);
        int[] labels = [.. Enumerable.Range(0, Side * Side).Select(k => k / Side < horizon ? upper : lower)];
        var things = new List<SceneObject>();
        foreach (int kind in Enumerable.Range(1, Things).OrderBy(_ => random.Next()).Take(random.Next(2, 4)))
        {
            double size = Smallest + ((Largest - Smallest) * random.NextDouble());
            double row = size + (random.NextDouble() * (Side - (2 * size))), column = size + (random.NextDouble() * (Side - (2 * size)));
            bool[] mask = [.. Enumerable.Range(0, Side * Side)
                .Select(k => Holds(kind, ((k / Side) + 0.5 - row) / size, ((k % Side) + 0.5 - column) / size))];
            SceneComposer.Paint(labels, mask, kind);
            things.Add(new SceneObject(kind, mask));
        }

        var seen = things.Select(thing =>
            thing with { Pixels = [.. thing.Pixels.Select((inside, k) => inside && labels[k] == thing.Label)] });
        List<SceneObject> visible = [.. seen.Where(thing => thing.Pixels.Any(inside => inside))];
        var scene = new Scene(Side, Side, labels, visible);
        return new DescribedScene(scene, Told(scene, random, id));
    }

    private static Narrative Told(Scene scene, Random random, string id)
    {
        var utterances = new List<Utterance>();
        var trace = new List<TimedPoint>();
        foreach (int label in scene.Labels.Distinct().OrderBy(_ => random.Next()).ToList())
        {
            int[] pixels = [.. Enumerable.Range(0, scene.Labels.Length).Where(k => scene.Labels[k] == label)];
            string[] phrase = [.. Openers[random.Next(Openers.Length)], Names[label][random.Next(2)]];
            foreach (string word in phrase)
            {
                double start = utterances.Count;
                utterances.Add(new Utterance(word, start, start + Spoken));
                for (int k = 0; k < Places; k++)
                {
                    int pixel = pixels[random.Next(pixels.Length)];
                    double x = ((pixel % Side) + 0.5 + (Noise * Normal(random))) / Side;
                    double y = ((pixel / Side) + 0.5 + (Noise * Normal(random))) / Side;
                    trace.Add(new TimedPoint(new TracePoint(x, y), start + (Spoken * k / Places)));
                }
            }
        }

        return new Narrative(id, "made", string.Join(' ', utterances.Select(utterance => utterance.Text)), utterances, trace);
    }

    /// <summary>Each kind's shape, in units of its size: disk, square, triangle, flat disk, cross, bar.</summary>
    private static bool Holds(int kind, double down, double right) => kind switch
    {
        1 => (down * down) + (right * right) <= 1,
        2 => Math.Max(Math.Abs(down), Math.Abs(right)) <= 0.85,
        3 => down <= 1 && down >= -1 && Math.Abs(right) <= (down + 1) / 2,
        4 => (4 * down * down) + (right * right) <= 1,
        5 => Math.Max(Math.Abs(down), Math.Abs(right)) <= 1 && Math.Min(Math.Abs(down), Math.Abs(right)) <= 0.35,
        _ => Math.Abs(down) <= 1 && Math.Abs(right) <= 0.4,
    };

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
