using Sconce.Data.Procedural;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// The claim's data: 32×32 pictures of one of 48 coloured shapes, each with a caption that names shape and colour and sometimes size and
/// background. Twelve of the 48 combinations never occur in training, though each of their words does.
/// </summary>
public sealed class CaptionedShapes : IDisposable
{
    /// <summary>The side of the pictures, in pixels.</summary>
    public const int Side = 32;

    /// <summary>The tokens of a caption, start and end included.</summary>
    public const int ContextLength = 16;

    private const int Shapes = 8, Colors = 6;

    private static readonly string[] Templates =
    [
        "a photo of a {color} {shape}", "the {shape} is {color}", "there is some {color} thing , a {shape}",
        "a {size} {color} {shape} on a {ground} background",
        "a picture of one {shape} in {color}", "{color} {shape}", "a {ground} image with a {size} {shape} , it is {color}",
        "look at the {size} {color} {shape}",
    ];

    /// <summary>Pictures with captions.</summary>
    /// <param name="count">How many.</param>
    /// <param name="classes">Their classes are drawn from these.</param>
    /// <param name="random">Everything that is random.</param>
    public CaptionedShapes(int count, IReadOnlyList<int> classes, Random random)
        : this(Draw(count, classes, random), random)
    {
    }

    private CaptionedShapes(ColoredShape[] scenes, Random random)
    {
        int pixels = 3 * Side * Side;
        var planes = new float[scenes.Length * pixels];
        var tokens = new long[scenes.Length * ContextLength];
        Captions = new string[scenes.Length];
        for (int k = 0; k < scenes.Length; k++)
        {
            ColoredShapes.Draw(scenes[k], random, planes.AsSpan(k * pixels, pixels), Side);
            Captions[k] = Fill(Templates[random.Next(Templates.Length)], scenes[k]);
            Tokenize(Captions[k]).CopyTo(tokens.AsSpan(k * ContextLength));
        }

        using var scope = new TensorScope();
        Images = scope.KeepForever(Tensor.From(planes, [scenes.Length, 3, Side, Side]).SubInPlace(0.5).MulInPlace(2));
        Tokens = scope.KeepForever(Tensor.From(tokens, [scenes.Length, ContextLength]));
        Labels = [.. scenes.Select(scene => ((int)scene.Shape * Colors) + (int)scene.Color)];
    }

    /// <summary>The words of the captions, in alphabetical order; word k has the token k + 1.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. AllWords().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Padding, the words, start and end.</summary>
    public static int VocabularySize => Words.Count + 3;

    /// <summary>Every class: shape-major, six colours each.</summary>
    public static IReadOnlyList<int> AllClasses { get; } = [.. Enumerable.Range(0, Shapes * Colors)];

    /// <summary>The 36 that occur in training.</summary>
    public static IReadOnlyList<int> SeenClasses { get; } = [.. AllClasses.Where(k => !IsHeldOut(k))];

    /// <summary>The 12 that do not: one or two of each shape, two of each colour.</summary>
    public static IReadOnlyList<int> UnseenClasses { get; } = [.. AllClasses.Where(IsHeldOut)];

    /// <summary>In [-1, 1] <c>(N, 3, 32, 32)</c>.</summary>
    public Tensor Images { get; }

    /// <summary>Start, words, end, zeros <c>(N, 16)</c>.</summary>
    public Tensor Tokens { get; }

    /// <summary>One a picture.</summary>
    public string[] Captions { get; }

    /// <summary>The class of each picture.</summary>
    public int[] Labels { get; }

    /// <summary>So many pictures of every class, in the order of the classes.</summary>
    public static CaptionedShapes Balanced(int perClass, Random random) =>
        new([.. AllClasses.SelectMany(k => Enumerable.Repeat(k, perClass)).Select(k => Scene(k, random))], random);

    /// <summary>The words that name a class: colour and shape.</summary>
    public static (string Color, string Shape) Name(int label) =>
        (((ShapeColor)(label % Colors)).ToString().ToLowerInvariant(), ((ShapeKind)(label / Colors)).ToString().ToLowerInvariant());

    /// <summary>Start, words, end, zeros.</summary>
    /// <exception cref="ArgumentException">A word that no caption has, or too many.</exception>
    public static long[] Tokenize(string caption)
    {
        string[] words = caption.Split(' ');
        if (words.Length + 2 > ContextLength)
            throw new ArgumentException($"\"{caption}\" has {words.Length} words, more than {ContextLength - 2}");
        var row = new long[ContextLength];
        row[0] = Words.Count + 1;
        for (int k = 0; k < words.Length; k++) row[k + 1] = Token(words[k]);
        row[words.Length + 1] = Words.Count + 2;
        return row;
    }

    /// <summary>The number of a word.</summary>
    /// <exception cref="ArgumentException">No caption has it.</exception>
    public static int Token(string word)
    {
        for (int k = 0; k < Words.Count; k++)
        {
            if (Words[k] == word) return k + 1;
        }

        throw new ArgumentException($"no caption has the word '{word}'");
    }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        Images.Dispose();
        Tokens.Dispose();
    }

    private static bool IsHeldOut(int label) => ((label / Colors) + (label % Colors)) % 4 == 0;

    private static ColoredShape[] Draw(int count, IReadOnlyList<int> classes, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => Scene(classes[random.Next(classes.Count)], random))];

    private static ColoredShape Scene(int label, Random random) =>
        new((ShapeKind)(label / Colors), (ShapeColor)(label % Colors), random.Next(2) == 0, random.Next(2) == 0);

    private static string Fill(string template, ColoredShape scene)
    {
        var (color, shape) = Name(((int)scene.Shape * Colors) + (int)scene.Color);
        return template.Replace("{color}", color).Replace("{shape}", shape).Replace("{size}", scene.IsBig ? "big" : "small")
            .Replace("{ground}", scene.IsLight ? "light" : "dark");
    }

    private static IEnumerable<string> AllWords() =>
        from template in Templates
        from k in Enumerable.Range(0, Shapes * Colors)
        from big in (bool[])[true, false]
        from word in Fill(template, new ColoredShape((ShapeKind)(k / Colors), (ShapeColor)(k % Colors), big, big)).Split(' ')
        select word;
}
