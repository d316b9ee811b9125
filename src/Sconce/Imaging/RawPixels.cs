namespace Sconce.Imaging;

/// <summary>Decoded samples as the file stores them.</summary>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Bands">Samples a pixel.</param>
/// <param name="Depth">8 or 16: the bits that a sample takes in <paramref name="Bytes"/>.</param>
/// <param name="Bytes">The samples, row by row; those of 16 bits in the machine's byte order.</param>
/// <param name="Most">What white is, where the file says it; 0 where it does not.</param>
internal readonly record struct RawPixels(int Width, int Height, int Bands, int Depth, byte[] Bytes, int Most = 0);
