using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>How the claim's scenes are drawn.</summary>
internal enum SceneKind
{
    /// <summary>People in skin and fine blue stripes, other things in brown, on green noise: texture gives the class away.</summary>
    Photo,

    /// <summary>Everything in textures and colours that are drawn anew: only shape says what a thing is.</summary>
    Art,
}

/// <summary>
/// One or two people (a circle over a trapezoid), whose boxes are to be found, and one or two things of the same parts in another order.
/// </summary>
/// <param name="count">How many pictures.</param>
/// <param name="seed">Which.</param>
/// <param name="kind">How they are drawn.</param>
internal sealed class PeopleScenes(int count, int seed, SceneKind kind) : IDataset<ImageExample>
{
    internal const int Side = 64;

    private const int MostPeople = 2, Tries = 20;
    private readonly ImageExample[] pictures = Sample(count, seed, kind);

    public int Count => pictures.Length;

    public ImageExample this[int index] => pictures[index];

    private static ImageExample[] Sample(int count, int seed, SceneKind kind)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Scene(random, kind))];
    }

    private static ImageExample Scene(Random random, SceneKind kind)
    {
        var planes = new float[3 * Side * Side];
        bool isPhoto = kind == SceneKind.Photo;
        SceneTexture.Fill(planes, isPhoto ? SceneTexture.Grass(random) : SceneTexture.Any(random), (_, _) => true, random);
        var people = new List<BoxAnnotation>();
        var taken = new List<(int X, int Y, int Reach)>();
        int wanted = random.Next(1, MostPeople + 1), others = random.Next(1, MostPeople + 1);
        for (int k = 0; k < wanted + others; k++)
        {
            int half = random.Next(5, 9); // half of the body's height
            if (Place(random, taken, 3 * half) is not { } at) continue;
            bool isPerson = k < wanted;
            SceneTexture head = isPhoto ? SceneTexture.Skin(isPerson) : SceneTexture.Any(random);
            SceneTexture body = isPhoto ? SceneTexture.Cloth(isPerson) : SceneTexture.Any(random);
            int radius = Math.Max(3, half * 2 / 3), order = isPerson ? 0 : random.Next(1, 4);
            // A person's head is above; elsewhere it lies beside, or one part is missing.
            var (headX, headY) = order == 0 ? (at.X, at.Y - half - radius + 1) : (at.X + half + radius + 2, at.Y);
            if (order != 2) SceneTexture.Fill(planes, head, (x, y) => Square(x - headX) + Square(y - headY) <= Square(radius), random);
            if (order != 3) SceneTexture.Fill(planes, body, (x, y) => InBody(x - at.X, y - at.Y, half), random);
            if (!isPerson) continue;
            int across = Math.Max(radius, half);
            people.Add(new BoxAnnotation(
                Math.Max(0, at.X - across), Math.Max(0, headY - radius), Math.Min(Side, at.X + across + 1),
                    Math.Min(Side, at.Y + half + 1), 0));
        }

        return new ImageExample(Image.FromFloats(Side, Side, 3, planes).To8Bit()) { Boxes = people };
    }

    /// <summary>A trapezoid that is twice as wide below as above.</summary>
    private static bool InBody(int x, int y, int half) => Math.Abs(y) <= half && Math.Abs(x) <= half * (0.75 + (0.25 * y / half));

    private static int Square(int value) => value * value;

    private static (int X, int Y)? Place(Random random, List<(int X, int Y, int Reach)> taken, int reach)
    {
        for (int k = 0; k < Tries; k++)
        {
            int margin = Math.Min((reach / 2) + 4, (Side / 2) - 1), x = random.Next(margin, Side - margin), y =
                random.Next(margin, Side - margin);
            if (taken.Any(other => Math.Max(Math.Abs(other.X - x), Math.Abs(other.Y - y)) < (other.Reach + reach) / 2)) continue;
            taken.Add((x, y, reach));
            return (x, y);
        }

        return null;
    }
}

/// <summary>Two colours and a pattern of them.</summary>
/// <param name="First">One.</param>
/// <param name="Second">The other.</param>
/// <param name="Pattern">0 noise, 1 stripes, 2 dabs, 3 posterised noise.</param>
/// <param name="Period">Of the pattern, in pixels.</param>
/// <param name="Angle">Of stripes.</param>
internal sealed record SceneTexture(float[] First, float[] Second, int Pattern, double Period, double Angle)
{
    private const int Patterns = 4;

    internal static SceneTexture Grass(Random random)
    {
        float light = 0.35f + (0.3f * random.NextSingle());
        return new SceneTexture([0.2f, light, 0.15f], [0.3f, light + 0.15f, 0.25f], 0, 1, 0);
    }

    internal static SceneTexture Skin(bool isPerson) =>
        isPerson ? new([0.85f, 0.65f, 0.5f], [0.9f, 0.7f, 0.55f], 0, 1, 0) : new([0.4f, 0.25f, 0.1f], [0.5f, 0.3f, 0.15f], 0, 1, 0);

    internal static SceneTexture Cloth(bool isPerson) =>
        isPerson ? new([0.1f, 0.2f, 0.8f], [0.8f, 0.85f, 1], 1, 3, 0) : new([0.45f, 0.3f, 0.15f], [0.55f, 0.4f, 0.2f], 0, 1, 0);

    /// <summary>Any colours in any pattern.</summary>
    internal static SceneTexture Any(Random random) => new(
        Colour(random), Colour(random), random.Next(Patterns), 2 + (6 * random.NextDouble()), Math.PI * random.NextDouble());

    /// <summary>A whole picture of textures in patches, as a painting without a motif.</summary>
    internal static Image Painting(Random random)
    {
        const int side = PeopleScenes.Side, patch = 16;
        var planes = new float[3 * side * side];
        SceneTexture[] few = [Any(random), Any(random), Any(random)];
        for (int top = 0; top < side; top += patch)
        {
            for (int left = 0; left < side; left += patch)
            {
                int x0 = left, y0 = top;
                Fill(planes, few[random.Next(few.Length)], (x, y) => x / patch == x0 / patch && y / patch == y0 / patch, random);
            }
        }

        return Image.FromFloats(side, side, 3, planes).To8Bit();
    }

    /// <summary>Paints where a condition holds.</summary>
    internal static void Fill(float[] planes, SceneTexture texture, Func<int, int, bool> inside, Random random)
    {
        const int side = PeopleScenes.Side;
        double cos = Math.Cos(texture.Angle), sin = Math.Sin(texture.Angle);
        for (int y = 0; y < side; y++)
        {
            for (int x = 0; x < side; x++)
            {
                if (!inside(x, y)) continue;
                float share = texture.Pattern switch
                {
                    0 => random.NextSingle(),
                    1 => (((x * cos) + (y * sin)) / texture.Period % 1) is var phase && (phase < 0 ? phase + 1 : phase) < 0.5 ? 0 : 1,
                    2 => Math.Sin(2 * Math.PI * x / texture.Period) * Math.Sin(2 * Math.PI * y / texture.Period) > 0.2 ? 1 : 0,
                    _ => random.Next(3) / 2f,
                };
                for (int channel = 0; channel < 3; channel++)
                {
                    planes[(channel * side * side) + (y * side) + x] =
                        texture.First[channel] + (share * (texture.Second[channel] - texture.First[channel]));
                }
            }
        }
    }

    private static float[] Colour(Random random) => [random.NextSingle(), random.NextSingle(), random.NextSingle()];
}
