using Sconce.Imaging;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>
/// How far pixels are from good, as pictures, on the model's scale: blue is as good parts are, yellow is at the line, red is beyond.
/// </summary>
public static class HeatDrawing
{
    /// <summary>The heat over the picture, and the contours of defects in white.</summary>
    public static Image Over(Image picture, Inspection found, InspectionContract contract, double opacity)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(found);
        var drawn = Heat(found, contract).Over(picture, found.Seen, opacity);
        int thickness = Math.Max(1, Math.Min(drawn.Width, drawn.Height) / 300);
        foreach (var defect in found.Defects) Outline(drawn, defect, thickness);
        return drawn;
    }

    /// <summary>The heat alone: 16 bits of grey, 0 to 65535 over the model's scale; 0 where the network does not look.</summary>
    public static Image Map(Inspection found, InspectionContract contract)
    {
        ArgumentNullException.ThrowIfNull(found);
        var heat = Heat(found, contract);
        var seen = found.Seen;
        var values = new ushort[found.Width * found.Height];
        for (int k = 0; k < values.Length; k++)
        {
            var (x, y) = (k % found.Width, k / found.Width);
            if (x < seen.Left || x >= seen.Right || y < seen.Top || y >= seen.Bottom) continue;
            double share = heat.At((x + 0.5 - seen.Left) / seen.Width, (y + 0.5 - seen.Top) / seen.Height);
            values[k] = (ushort)Math.Round(share * ushort.MaxValue);
        }

        return Image.FromPixels(found.Width, found.Height, 1, (ReadOnlySpan<ushort>)values);
    }

    private static HeatMap Heat(Inspection found, InspectionContract contract)
    {
        double range = contract.ScaleHigh - contract.ScaleLow;
        return new HeatMap([.. found.Map.Select(value => (value - contract.ScaleLow) / range)], found.Side, found.Side);
    }

    private static void Outline(Image drawn, Defect defect, int thickness)
    {
        for (int k = 0; k < defect.Outline.Count; k++)
        {
            var (from, to) = (defect.Outline[k], defect.Outline[(k + 1) % defect.Outline.Count]);
            int left = Math.Min(from.X, to.X), top = Math.Min(from.Y, to.Y);
            int right = Math.Max(from.X, to.X), bottom = Math.Max(from.Y, to.Y);
            drawn.Fill(new PixelBox(left, top, right + thickness, bottom + thickness), new Rgb(255, 255, 255));
        }
    }
}
