using System.Globalization;
using System.Text;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>The tables that travel inside the assembly: <c>Html5Entities.txt</c> and <c>CanonicalForms.txt</c>, whose first lines say what
/// they hold.</summary>
static class TokenizerResource
{
    public static IEnumerable<string> Lines(string name)
    {
        using var stream = typeof(TokenizerResource).Assembly.GetManifestResourceStream("Clip." + name)
            ?? throw new InvalidOperationException($"The assembly lacks its table Clip.{name}; rebuild Sconce.Systems.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (reader.ReadLine() is { } line)
        {
            if (!line.StartsWith('#'))
                yield return line;
        }
    }

    public static int[] CodePoints(string hexadecimals) =>
        [.. hexadecimals.Split(' ').Select(h => int.Parse(h, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
