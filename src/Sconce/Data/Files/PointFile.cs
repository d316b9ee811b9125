using System.Globalization;
using System.Text;
using Sconce.Weights;

namespace Sconce.Data;

/// <summary>
/// Reads points in space: <c>.npy</c> of (points, 3 or more), <c>.ply</c> as text or little-endian, <c>.xyz</c> with three numbers a line.
/// </summary>
public static class PointFile
{
    private const int Axes = 3;
    private const long MostPoints = 20_000_000, MostBytes = 1L << 30;

    /// <summary>The first three coordinates of each point, one point after the other.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataException">It is none of these, damaged, empty, or holds what is no number; the message says where.</exception>
    public static float[] Read(string path)
    {
        if (!File.Exists(path)) throw new DataException(path, "there is no such file");
        if (new FileInfo(path).Length > MostBytes) throw new DataException(path, "the file is larger than a GiB");
        float[] points = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npy" => OfArray(path),
            ".ply" => OfPly(path),
            ".xyz" => OfText(path),
            var other => throw new DataException(path, $"'{other}' is no file of points: .npy, .ply and .xyz are read"),
        };
        if (points.Length == 0) throw new DataException(path, "there are no points in it");
        int bad = Array.FindIndex(points, value => !float.IsFinite(value));
        return bad < 0 ? points : throw new DataException(path, $"point {(bad / Axes) + 1} holds NaN or infinity");
    }

    private static float[] OfArray(string path)
    {
        try
        {
            using var checkpoint = Checkpoint.Open(path);
            var array = checkpoint.Tensors.Single();
            if (array.Shape.Count != 2 || array.Shape[1] < Axes || array.Shape[0] > MostPoints)
                throw new DataException(path, $"an array of [{string.Join(", ", array.Shape)}], where (points, 3 or more) is wanted");
            using var scope = new Torch.TensorScope();
            return ModelWeights.ToTensor(array).To(Torch.DType.Float32).Slice(1, 0, Axes).Contiguous().ToArray<float>();
        }
        catch (CheckpointException fault)
        {
            throw new DataException(path, $"this is no readable array: {fault.Fault}", fault);
        }
    }

    private static float[] OfText(string path)
    {
        List<float> points = [];
        int line = 0;
        foreach (string text in Encoding.UTF8.GetString(DataFiles.ReadFile(path)).Split('\n'))
        {
            line++;
            string[] words = Words(text);
            if (words.Length == 0 || words[0].StartsWith('#')) continue;
            if (words.Length < Axes)
            {
                // The format of molecules begins with their count and a remark.
                if (line <= 2) continue;
                throw new DataException($"{path}, line {line}", "three numbers a line are wanted");
            }

            Add(points, words, $"{path}, line {line}");
        }

        return [.. points];
    }

    private static float[] OfPly(string path)
    {
        byte[] file = DataFiles.ReadFile(path);
        var header = PlyHeader.Read(path, file);
        if (header.Count > MostPoints) throw new DataException(path, $"it says to hold {header.Count} points");
        if (!header.IsText) return header.Points(path, file);
        string[] lines = Encoding.UTF8.GetString(file.AsSpan(header.Length)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length < header.Count) throw new DataException(path, $"it ends after {lines.Length} of {header.Count} points");
        List<float> points = [];
        for (int k = 0; k < header.Count; k++)
        {
            string[] words = Words(lines[k]);
            if (words.Length <= header.Places.Max()) throw new DataException(path,
                $"point {k + 1} has {words.Length} numbers of {header.Places.Max() + 1}");
            Add(points, [.. header.Places.Select(place => words[place])], $"{path}, point {k + 1}");
        }

        return [.. points];
    }

    private static void Add(List<float> points, string[] words, string where)
    {
        for (int axis = 0; axis < Axes; axis++)
        {
            if (!float.TryParse(words[axis], NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
                throw new DataException(where, $"'{Printable(words[axis])}' is no number");
            points.Add(value);
        }
    }

    private static string Printable(string word) => new([.. word.Take(20).Where(letter => !char.IsControl(letter))]);

    private static string[] Words(string line) => line.Split([' ', '\t', '\r', ',', ';'], StringSplitOptions.RemoveEmptyEntries);
}
