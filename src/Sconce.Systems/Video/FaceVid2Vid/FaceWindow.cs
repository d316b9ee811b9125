using Sconce.Imaging;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>The square of a picture that is a face, as the networks see it.</summary>
internal static class FaceWindow
{
    /// <summary>8-bit RGB of the network's size.</summary>
    /// <param name="picture">Any depth and channels.</param>
    /// <param name="box">Left, top, right, bottom, brought to a square about its middle; empty for the middle of the picture.</param>
    /// <param name="setting">What errors call the box.</param>
    /// <param name="seen">The network's side, in pixels.</param>
    /// <exception cref="SettingsException">The box lies outside the picture.</exception>
    internal static Image Of(Image picture, IReadOnlyList<int> box, string setting, int seen)
    {
        var rgb = picture.To8Bit().ToRgb(Rgb.White);
        return rgb.ResizeRegion(Square(rgb, box, setting), seen, seen);
    }

    /// <summary>Where that square lies.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    /// <inheritdoc cref="Of" path="/exception"/>
    internal static PixelBox Square(Image picture, IReadOnlyList<int> box, string setting)
    {
        int most = Math.Min(picture.Width, picture.Height);
        var (side, middleX, middleY) = (most, picture.Width / 2, picture.Height / 2);
        if (box is [var left, var top, var right, var bottom])
        {
            if (left >= picture.Width || top >= picture.Height)
            {
                string size = $"{picture.Width} x {picture.Height}";
                throw new SettingsException(
                    setting, called => $"{called} {left},{top},{right},{bottom} lies outside the picture, which has {size} pixels");
            }

            side = Math.Min(most, Math.Max(right - left, bottom - top));
            (middleX, middleY) = ((left + right) / 2, (top + bottom) / 2);
        }

        int x = Math.Clamp(middleX - (side / 2), 0, picture.Width - side), y = Math.Clamp(middleY - (side / 2), 0, picture.Height - side);
        return PixelBox.FromSize(x, y, side, side);
    }

    /// <summary>What is wrong with a box as a setting; null where nothing is.</summary>
    internal static (string Setting, string Fault)? Fault(string setting, IReadOnlyList<int> box) => box switch
    {
        [] => null,
        [var left, var top, var right, var bottom] when left < right && top < bottom => null,
        _ => (setting, "takes four numbers: left, top, right, bottom, with left before right and top above bottom"),
    };
}
