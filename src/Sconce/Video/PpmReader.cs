using System.Globalization;
using System.Text;
using Sconce.Imaging;

namespace Sconce.Video;

/// <summary>A stream of binary PPM pictures, as ffmpeg's pipe gives them.</summary>
internal sealed class PpmReader(Stream source) : IDisposable
{
    private readonly BufferedStream stream = new(source, 1 << 16);

    /// <summary>The next picture; null where the stream ends, be it within one.</summary>
    /// <exception cref="VideoException">The stream holds something else.</exception>
    internal Image? Next()
    {
        if (Word() is not { } kind) return null;
        if (kind != "P6") throw new VideoException($"the decoder's pipe has '{kind}' where a picture begins");
        if (Number() is not { } width || Number() is not { } height || Number() is not { } largest) return null;
        if (width < 1 || height < 1 || 3L * width * height > ImageOptions.DefaultMaxBytes || largest != 255)
            throw new VideoException($"the decoder's pipe has a picture of {width}x{height} pixels up to {largest}");
        var picture = new Image(width, height);
        return stream.ReadAtLeast(picture.Bytes, picture.Bytes.Length, throwOnEndOfStream: false) == picture.Bytes.Length ? picture : null;
    }

    public void Dispose() => stream.Dispose();

    private int? Number() => int.TryParse(Word(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    /// <summary>What stands before the next blank, which is taken too; null at the end.</summary>
    private string? Word()
    {
        var word = new StringBuilder();
        while (word.Length < 16)
        {
            int value = stream.ReadByte();
            if (value < 0) return null;
            if (value is ' ' or '\n' or '\r' or '\t')
            {
                if (word.Length > 0) return word.ToString();
                continue;
            }

            word.Append((char)value);
        }

        return word.ToString();
    }
}
