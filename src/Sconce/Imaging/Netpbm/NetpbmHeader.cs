namespace Sconce.Imaging.Netpbm;

/// <summary>
/// The header of a PBM, PGM or PPM file (netpbm.sourceforge.net/doc: pbm, pgm, ppm): a letter and a digit, then numbers between which
/// comments may stand.
/// </summary>
/// <param name="Kind">1 to 6: bits, greys and colours as text, then the same as bytes.</param>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Most">The value of white, 1 to 65535.</param>
/// <param name="PixelsAt">Where the samples begin in the file.</param>
internal sealed record NetpbmHeader(int Kind, int Width, int Height, int Most, int PixelsAt)
{
    /// <summary>The first bytes that are looked at for a header: comments may be long.</summary>
    internal const int MostBytes = 1 << 16;

    internal bool IsText => Kind <= 3;

    internal bool IsBits => Kind is 1 or 4;

    internal int Bands => Kind is 3 or 6 ? 3 : 1;

    internal int Depth => Most > 255 ? 16 : 8;

    internal ImageInfo Info() => new(ImageFormat.Netpbm, Width, Height, Bands, Depth, 1, 1);

    /// <summary>Reads the header.</summary>
    /// <exception cref="ImageException">It is cut short, or says what cannot be.</exception>
    internal static NetpbmHeader Read(ReadOnlySpan<byte> file, string name)
    {
        var kind = file[1] - '0';
        var at = 2;
        var start = file[..Math.Min(file.Length, MostBytes)];
        var width = NetpbmNumbers.Next(start, ref at, name);
        var height = NetpbmNumbers.Next(start, ref at, name);
        var most = kind is 1 or 4 ? 1 : NetpbmNumbers.Next(start, ref at, name);
        if (most is < 1 or > 65535)
            throw new ImageException(name, $"the image's greatest value is {most}, which is not 1 to 65535");
        return new NetpbmHeader(kind, width, height, most, at + 1);    // one blank ends the header
    }
}
