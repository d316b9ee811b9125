using System.Runtime.InteropServices;

namespace Sconce.Imaging.Jpeg;

/// <summary>
/// libjpeg-turbo's own interface (turbojpeg.h 2.1), which decodes a small JPEG in half of the time that libvips's pipeline takes around the
/// same library; the samples are the same. It takes sound grey and colour files; whatever it is not at ease with, or where it is not
/// installed, libvips decodes and judges.
/// </summary>
internal static unsafe partial class TurboJpeg
{
    private const string Library = "libturbojpeg.so.0";
    private const int PixelFormatRgb = 0, PixelFormatGray = 6;    // TJPF
    private const int ColourRgb = 0, ColourYCbCr = 1, ColourGray = 2;    // TJCS
    private const int StopOnWarning = 8192, LimitScans = 32768;    // TJFLAG

    [ThreadStatic]
    private static Decompressor? decompressor;

    private static volatile bool absent;

    /// <summary>Reads the header; null where libvips should do it.</summary>
    internal static JpegHeader? ReadHeader(ReadOnlySpan<byte> data)
    {
        if (absent || ExifOrientation.Find(data) is not { } orientation)
            return null;
        try
        {
            decompressor ??= new Decompressor();
            int width, height, subsampling, colours;
            fixed (byte* file = data)
            {
                if (decompressor.Handle == 0 || DecompressHeader3(decompressor.Handle, file, (nuint)data.Length, &width, &height,
                    &subsampling, &colours) != 0)
                    return Refuse();
            }
            return colours is ColourRgb or ColourYCbCr or ColourGray && width > 0 && height > 0
                ? new JpegHeader(width, height, colours == ColourGray ? 1 : 3, orientation) : null;
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            absent = true;    // libvips decodes JPEG too
            return null;
        }
    }

    /// <summary>Decodes at 1 / <paramref name="shrink"/> of the size (1, 2, 4 or 8); null at the least doubt of the library.</summary>
    internal static RawPixels? Decode(ReadOnlySpan<byte> data, JpegHeader header, int shrink)
    {
        int width = Scaled(header.Width, shrink), height = Scaled(header.Height, shrink);
        var size = (long)width * height * header.Bands;
        if (size > Array.MaxLength)
            return null;
        var pixels = GC.AllocateUninitializedArray<byte>((int)size);
        fixed (byte* file = data, to = pixels)
        {
            var format = header.Bands == 1 ? PixelFormatGray : PixelFormatRgb;
            if (Decompress2(decompressor!.Handle, file, (nuint)data.Length, to, width, width * header.Bands, height, format,
                StopOnWarning | LimitScans) != 0)
            {
                Refuse();
                return null;
            }
        }
        return Cut(pixels, width, header.Width / shrink, header.Height / shrink, header.Bands);
    }

    private static int Scaled(int side, int shrink) => (side + shrink - 1) / shrink;

    /// <summary>libjpeg rounds scaled sides up; libvips, whose sizes these are to be, down: a last column or row that is not whole
    /// goes.</summary>
    private static RawPixels Cut(byte[] pixels, int decoded, int width, int height, int bands)
    {
        for (var y = 1; y < height && width < decoded; y++)
            Buffer.BlockCopy(pixels, y * decoded * bands, pixels, y * width * bands, width * bands);
        var size = width * height * bands;
        return new RawPixels(width, height, bands, 8, size == pixels.Length ? pixels : pixels[..size]);
    }

    /// <summary>A handle that has failed may keep the bad file's state, so the next file gets a new one.</summary>
    private static JpegHeader? Refuse()
    {
        decompressor?.Dispose();
        decompressor = null;
        return null;
    }

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    private static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    private static partial int Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "tjDecompressHeader3")]
    private static partial int DecompressHeader3(nint handle, byte* file, nuint size, int* width, int* height,
        int* subsampling, int* colours);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    private static partial int Decompress2(nint handle, byte* file, nuint size, byte* pixels, int width, int pitch, int height,
        int pixelFormat, int flags);

    /// <summary>One a thread: the library's handles may not be shared.</summary>
    private sealed class Decompressor : IDisposable
    {
        ~Decompressor() => Free();

        public void Dispose()
        {
            Free();
            GC.SuppressFinalize(this);
        }

        private void Free()
        {
            if (Handle != 0)
                _ = Destroy(Handle);
        }

        internal nint Handle { get; } = InitDecompress();
    }
}

/// <summary>What a JPEG's header says.</summary>
/// <param name="Width">Stored width.</param>
/// <param name="Height">Stored height.</param>
/// <param name="Bands">1 (grey) or 3.</param>
/// <param name="Orientation">EXIF, 1 to 8.</param>
internal readonly record struct JpegHeader(int Width, int Height, int Bands, int Orientation);
