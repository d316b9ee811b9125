using System.Globalization;
using Sconce.Data;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>A camera's lens, as shares of its pictures: pixels of any size follow.</summary>
/// <param name="FocalX">The focal length over the width.</param>
/// <param name="FocalY">The focal length over the height.</param>
/// <param name="CentreX">Where it looks, over the width.</param>
/// <param name="CentreY">Where it looks, over the height.</param>
internal sealed record Camera(double FocalX, double FocalY, double CentreX, double CentreY)
{
    /// <summary>The matrix for pictures of a size, row by row: <c>(4, 4)</c>.</summary>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="isMirrored">Whether left and right are exchanged.</param>
    internal float[] Matrix(int width, int height, bool isMirrored)
    {
        double x = isMirrored ? 1 - CentreX : CentreX;
        return
        [
            (float)(FocalX * width), 0, (float)(x * width), 0,
            0, (float)(FocalY * height), (float)(CentreY * height), 0,
            0, 0, 1, 0, 0, 0, 0, 1,
        ];
    }

    /// <summary>Its inverse.</summary>
    internal float[] Inverse(int width, int height, bool isMirrored)
    {
        double x = isMirrored ? 1 - CentreX : CentreX;
        return
        [
            (float)(1 / (FocalX * width)), 0, (float)(-x / FocalX), 0,
            0, (float)(1 / (FocalY * height)), (float)(-CentreY / FocalY), 0,
            0, 0, 1, 0, 0, 0, 0, 1,
        ];
    }
}

/// <summary>
/// Lenses beside the pictures: a text of <c>fx fy cx cy</c> in pixels and, where frames were resized since, <c>width height</c> of the
/// pictures that they are in. <c>CLIP.intrinsics.txt</c> belongs to a clip, <c>intrinsics.txt</c> to all in its folder and below.
/// </summary>
internal static class CameraFile
{
    private const string Name = "intrinsics.txt";

    /// <summary>A sequence's lens; null where no file says it.</summary>
    /// <param name="sequence">A clip's or a folder's.</param>
    /// <param name="root">The data's folder, beyond which nothing is looked for.</param>
    /// <param name="width">Of the frames, in pixels.</param>
    /// <param name="height">Of the frames, in pixels.</param>
    /// <exception cref="DataException">A file is damaged.</exception>
    internal static Camera? Of(FrameSequence sequence, string root, int width, int height)
    {
        string own = Path.ChangeExtension(sequence.Name, null) + "." + Name;
        if (sequence.Clip is not null && File.Exists(own)) return Read(own, width, height);
        string top = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
        string? folder = sequence.Clip is null ? Path.GetFullPath(sequence.Name) : Path.GetDirectoryName(Path.GetFullPath(sequence.Name));
        for (; folder is not null; folder = folder == top ? null : Path.GetDirectoryName(folder))
        {
            string file = Path.Combine(folder, Name);
            if (File.Exists(file)) return Read(file, width, height);
        }

        return null;
    }

    private static Camera Read(string file, int width, int height)
    {
        string[] words = File.ReadAllText(file).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var numbers = new double[words.Length];
        for (int k = 0; k < words.Length; k++)
        {
            if (!double.TryParse(words[k], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[k]) || !(numbers[k] > 0))
            {
                throw new DataException(file, $"'{words[k]}' is no positive number: fx fy cx cy in pixels are wanted, and width height");
            }
        }

        if (numbers.Length is not (4 or 6))
        {
            throw new DataException(file, $"it has {numbers.Length} numbers: fx fy cx cy in pixels are wanted, and width height");
        }

        double across = numbers.Length == 6 ? numbers[4] : width, down = numbers.Length == 6 ? numbers[5] : height;
        return new Camera(numbers[0] / across, numbers[1] / down, numbers[2] / across, numbers[3] / down);
    }
}
