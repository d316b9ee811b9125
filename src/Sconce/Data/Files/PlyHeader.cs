using System.Buffers.Binary;
using System.Text;

namespace Sconce.Data;

/// <summary>The head of a Stanford polygon file, as far as its points are concerned.</summary>
/// <param name="Count">Points.</param>
/// <param name="IsText">Whether they are written as text; else little-endian.</param>
/// <param name="Length">Bytes of the head.</param>
/// <param name="Properties">A point's properties in order: name and type.</param>
internal sealed record PlyHeader(long Count, bool IsText, int Length, IReadOnlyList<(string Name, string Type)> Properties)
{
    private const int MostHeader = 1 << 16;
    private static readonly string[] Axes = ["x", "y", "z"];

    /// <summary>Where x, y and z stand among a point's numbers.</summary>
    internal int[] Places => [.. Axes.Select(axis => Properties.ToList().FindIndex(property => property.Name == axis))];

    /// <exception cref="DataException">It is no such file, or of a form that is not read.</exception>
    internal static PlyHeader Read(string path, byte[] file)
    {
        string text = Encoding.ASCII.GetString(file.AsSpan(0, Math.Min(file.Length, MostHeader)));
        const string end = "end_header";
        int at = text.IndexOf(end, StringComparison.Ordinal), next = at < 0 ? -1 : text.IndexOf('\n', at);
        if (!text.StartsWith("ply", StringComparison.Ordinal) || next < 0) throw new DataException(path,
            "this is no PLY file: its head is missing or has no end");
        long count = -1;
        bool? isText = null;
        string element = "";
        List<(string, string)> properties = [];
        foreach (string[] words in text[..at].Split('\n').Select(line => line.Split([' ', '\r'], StringSplitOptions.RemoveEmptyEntries))
            .Where(words => words.Length > 0))
        {
            if (words is ["format", var form, ..])
            {
                isText = form switch
                {
                    "ascii" => true,
                    "binary_little_endian" => false,
                    _ => throw new DataException(path, $"PLY of the form {form} is not read: text and little-endian are"),
                };
            }
            else if (words is ["element", var name, var number])
            {
                if (name == "vertex" && element.Length > 0) throw new DataException(path,
                    $"its points come after another element, '{element}', which is not read");
                element = name;
                if (name == "vertex" && !long.TryParse(number, out count)) throw new DataException(path,
                    $"'{number}' is no count of points");
            }
            else if (words is ["property", var type, var property] && element == "vertex")
            {
                properties.Add((property, type));
            }
            else if (words[0] == "property" && element == "vertex")
            {
                throw new DataException(path, "its points have lists, which are not read");
            }
        }

        var header = new PlyHeader(count, isText ?? throw new DataException(path, "its head names no form"), next + 1, properties);
        if (count < 0 || header.Places.Any(place => place < 0)) throw new DataException(path, "it has no vertices with x, y and z");
        return header;
    }

    /// <summary>The points of a little-endian file.</summary>
    internal float[] Points(string path, byte[] file)
    {
        int[] sizes = [.. Properties.Select(property => SizeOf(path, property.Type))], places = Places;
        int stride = sizes.Sum();
        if (file.Length - Length < Count * stride) throw new DataException(path,
            $"it ends after {(file.Length - Length) / Math.Max(1, stride)} of {Count} points");
        float[] points = new float[Count * 3];
        for (int k = 0; k < Count; k++)
        {
            for (int axis = 0; axis < 3; axis++)
            {
                int start = Length + (k * stride) + sizes.Take(places[axis]).Sum();
                points[(3 * k) + axis] = Number(path, file.AsSpan(start), Properties[places[axis]].Type);
            }
        }

        return points;
    }

    private static int SizeOf(string path, string type) => type switch
    {
        "char" or "uchar" or "int8" or "uint8" => 1,
        "short" or "ushort" or "int16" or "uint16" => 2,
        "int" or "uint" or "float" or "int32" or "uint32" or "float32" => 4,
        "double" or "float64" => 8,
        _ => throw new DataException(path, $"a property of the type '{type}' is not read"),
    };

    private static float Number(string path, ReadOnlySpan<byte> bytes, string type) => type switch
    {
        "float" or "float32" => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        "double" or "float64" => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        _ => throw new DataException(path, $"coordinates of the type '{type}' are not read: float and double are"),
    };
}
