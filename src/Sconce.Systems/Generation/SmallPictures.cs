using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation;

/// <summary>The claims' small pictures, enlarged for reports.</summary>
internal static class SmallPictures
{
    private const int Side = 48, Columns = 8;

    /// <summary>A PNG of pictures <c>(N, 3, H, W)</c> from -1 to 1, side by side.</summary>
    public static byte[] Sheet(Tensor pictures) => ImageGrid
        .Create(PaintedPictures.Of(pictures).Select(one => one.Resize(Side, Side, ResizeFilter.Nearest)), Columns).Encode(ImageFormat.Png);
}
