using System.Text;
using System.Text.Json;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>Screens of tokens as pictures and as trees.</summary>
/// <param name="library">What tokens stand for.</param>
/// <param name="pictures">Of each sub-tree.</param>
internal sealed class ScreenPainter(ScreenLibrary library, IReadOnlyList<Image> pictures)
{
    private const int PictureWidth = 360, PictureHeight = 640;

    /// <summary>Screens that a seed draws, tokens <c>(count, length)</c>: how many are asked for does not change the first ones.</summary>
    public static Tensor Sample(SubtreeGenerator generator, int count, int length, ulong seed)
    {
        using var scope = new TensorScope();
        using var random = new Generator(seed);
        Tensor[] screens = [.. Enumerable.Range(0, count).Select(_ => generator.Sample(1, length, Drawn))];
        return scope.Keep(Tensor.Cat(screens, 0));

        Tensor Drawn(Tensor probabilities) => probabilities.Multinomial(1, false, random).Squeeze(1);
    }

    /// <summary>Tokens as a tensor <c>(N, length)</c>, filled up.</summary>
    public static Tensor Padded(IReadOnlyList<IReadOnlyList<int>> screens, int length)
    {
        var tokens = new long[screens.Count * length];
        foreach (var (row, screen) in screens.Index())
        {
            for (int k = 0; k < screen.Count; k++) tokens[(row * length) + k] = screen[k];
        }

        return Tensor.From(tokens, [screens.Count, length]);
    }

    /// <summary>The screen's sub-trees below each other on white, a quarter of their size.</summary>
    public Image Paint(IReadOnlyList<int> tokens)
    {
        double scale = (double)PictureWidth / library.Width;
        var screen = new Image(PictureWidth, PictureHeight);
        screen.Fill(new PixelBox(0, 0, PictureWidth, PictureHeight), Rgb.White);
        foreach (var (token, top) in Placed(tokens))
        {
            if (library.PartOf(token) is not { } part) continue;
            var picture = pictures[token - ScreenLibrary.FirstPart];
            int left = Math.Clamp((int)Math.Round(part.Tree.Bounds[0] * scale), 0, PictureWidth - 1), y = (int)Math.Round(top * scale);
            int width = Math.Min(picture.Width, PictureWidth - left), height = Math.Min(picture.Height, PictureHeight - y);
            if (height > 0) screen.Paste(picture.Crop(new PixelBox(0, 0, width, height)), left, y);
        }

        return screen;
    }

    /// <summary>Screens as view hierarchies in JSON: class, bounds in the screen's pixels, app, children.</summary>
    public string Trees(IReadOnlyList<IReadOnlyList<int>> screens)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartArray();
            foreach (var screen in screens) Write(writer, screen);
            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private void Write(Utf8JsonWriter writer, IReadOnlyList<int> screen)
    {
        writer.WriteStartObject();
        writer.WriteString("class", "Screen");
        WriteBounds(writer, [0, 0, library.Width, ScreenVocabulary.TallestScreen]);
        writer.WriteStartArray("children");
        foreach (var (token, top) in Placed(screen))
        {
            if (library.PartOf(token) is { } part) Write(writer, part.Tree.Lowered(top), library.Apps[part.App]);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, ScreenNode node, string? app)
    {
        writer.WriteStartObject();
        writer.WriteString("class", node.Class);
        if (app is not null) writer.WriteString("app", app);
        WriteBounds(writer, node.Bounds);
        writer.WriteStartArray("children");
        foreach (var child in node.Children) Write(writer, child, null);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteBounds(Utf8JsonWriter writer, IReadOnlyList<int> bounds)
    {
        writer.WriteStartArray("bounds");
        foreach (int edge in bounds) writer.WriteNumberValue(edge);
        writer.WriteEndArray();
    }

    private IEnumerable<(int Token, int Top)> Placed(IReadOnlyList<int> tokens)
    {
        int top = 0;
        foreach (int token in tokens.Where(token => token != ScreenVocabulary.Padding))
        {
            yield return (token, top);
            top += library.Vocabulary[token].Height;
        }
    }
}
