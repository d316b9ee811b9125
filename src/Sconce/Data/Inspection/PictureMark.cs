using System.Numerics;
using System.Security.Cryptography;
using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>What is remembered of a picture that was looked at.</summary>
/// <param name="Path">The file.</param>
/// <param name="Width">In pixels, as it is shown.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Bytes">Of the file.</param>
/// <param name="Content">The SHA-256 of its bytes.</param>
/// <param name="Differences">64 bits: where a picture of 9 x 8 grey cells is brighter than its right neighbour.</param>
/// <param name="Cells">The picture as 16 x 16 grey cells.</param>
public sealed record PictureMark(string Path, int Width, int Height, long Bytes, string Content, ulong Differences, byte[] Cells)
{
    private const int Across = 16, MostBits = 5;
    private const double MostDifference = 6;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ImageException">It is broken.</exception>
    internal static PictureMark Of(string path)
    {
        byte[] file = DataFiles.ReadFile(path);
        var grey = Image.Decode(file, path).To8Bit().ToRgb().ToGray();
        var row = grey.Resize(9, 8, ResizeFilter.Bilinear).Pixels;
        ulong bits = 0;
        for (int k = 0; k < 64; k++)
        {
            int place = ((k / 8) * 9) + (k % 8);
            if (row[place] > row[place + 1]) bits |= 1UL << k;
        }

        byte[] cells = grey.Resize(Across, Across, ResizeFilter.Bilinear).Pixels.ToArray();
        return new PictureMark(path, grey.Width, grey.Height, file.Length, Convert.ToHexString(SHA256.HashData(file)), bits, cells);
    }

    /// <summary>
    /// Whether two pictures look alike: nearly the same pattern of differences, and cells that are nearly as bright. Another size, another
    /// compression and a little more light make no difference; a mirrored or cropped one is another picture.
    /// </summary>
    internal bool LooksLike(PictureMark other)
    {
        if (BitOperations.PopCount(Differences ^ other.Differences) > MostBits) return false;
        int sum = 0;
        for (int k = 0; k < Cells.Length; k++) sum += Math.Abs(Cells[k] - other.Cells[k]);
        return (double)sum / Cells.Length <= MostDifference;
    }
}
