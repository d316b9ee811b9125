using System.Text.Json;
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation;

/// <summary>Which part of a picture is given: its upper or left part, or where a mask is white.</summary>
public sealed class KeptRegion : ISettingValue<KeptRegion>
{
    private const string TopName = "top", LeftName = "left";
    private readonly Picture? mask;

    private KeptRegion(bool isTop, Picture? mask) => (IsTop, this.mask) = (isTop, mask);

    /// <summary>The upper part.</summary>
    public static KeptRegion Top { get; } = new(true, null);

    /// <summary>The left part.</summary>
    public static KeptRegion Left { get; } = new(false, null);

    /// <inheritdoc/>
    public static SettingValue<KeptRegion> Value { get; } = new RegionValue();

    /// <summary>Whether it is the upper part.</summary>
    public bool IsTop { get; }

    /// <summary>Where a mask is white; it is laid over the picture and cut as the picture is.</summary>
    public static KeptRegion Of(Picture mask) => new(false, mask);

    /// <summary>
    /// Which cells of a grid over the picture's middle are given: booleans <c>(rows, columns)</c>, never none and never all.
    /// </summary>
    /// <param name="rows">Of the grid.</param>
    /// <param name="columns">Of the grid.</param>
    /// <param name="share">How much of the picture an upper or left part is.</param>
    /// <param name="width">Of the picture, which a mask has to have.</param>
    /// <param name="height">Of the picture.</param>
    /// <exception cref="SettingsException">Nothing is given, or everything, or the mask has another shape.</exception>
    public Tensor Cells(int rows, int columns, double share, int width, int height)
    {
        using var scope = new TensorScope();
        var given = mask is null ? Part(rows, columns, share) : OfMask(mask.Image, rows, columns, width, height);
        long count = given.Sum().Item<long>();
        if (count > 0 && count < (long)rows * columns) return scope.Keep(given);
        throw new SettingsException(mask is null ? "share" : "keep", called => count == 0
            ? $"{called} keeps nothing of {rows} by {columns} cells: keep more, or make a new picture"
            : $"{called} keeps all of {rows} by {columns} cells: nothing is left to be made");
    }

    /// <inheritdoc/>
    public override string ToString() => mask?.Path ?? mask?.Name ?? (IsTop ? TopName : LeftName);

    private Tensor Part(int rows, int columns, double share)
    {
        var given = Tensor.Zeros([rows, columns], DType.Bool);
        if (IsTop) given.Narrow(0, 0, (long)Math.Round(share * rows)).FillInPlace(1);
        else given.Narrow(1, 0, (long)Math.Round(share * columns)).FillInPlace(1);
        return given;
    }

    /// <summary>A cell is given where half of it, or more, is white.</summary>
    private static Tensor OfMask(Image mask, int rows, int columns, int width, int height)
    {
        if ((long)mask.Width * height != (long)mask.Height * width)
        {
            throw new SettingsException("keep", called =>
                $"{called}: the mask is {mask.Width} x {mask.Height}, and the picture {width} x {height}: both need one shape");
        }

        double scale = Math.Max((double)columns / mask.Width, (double)rows / mask.Height);
        int wide = Math.Max(columns, (int)Math.Round(mask.Width * scale)), high = Math.Max(rows, (int)Math.Round(mask.Height * scale));
        var cells = mask.To8Bit().ToRgb(Rgb.Black).ToGray().ResizeCenterCrop(wide, high, columns, rows);
        return cells.ToTensor()[0] >= 0.5;
    }

    private sealed class RegionValue : SettingValue<KeptRegion>
    {
        public override string Range => "top, left, or the file of a mask that is white where the picture is kept";

        public override string Placeholder => "top|left|FILE";

        public override bool TryRead(string text, out KeptRegion value)
        {
            if (TryPart(text, out value)) return true;
            value = Of(Picture.Of(text));
            return text.Length > 0 && File.Exists(text);
        }

        /// <summary>What comes as JSON may come from afar: it names no files.</summary>
        public override bool TryRead(JsonElement element, out KeptRegion value)
        {
            value = Top;
            return element.ValueKind == JsonValueKind.String && TryPart(element.GetString()!, out value);
        }

        public override bool Holds(KeptRegion value) => value is not null;

        public override string Text(KeptRegion value) => value.ToString();

        public override void Write(Utf8JsonWriter writer, KeptRegion value) => writer.WriteStringValue(Text(value));

        public override void WriteSchema(Utf8JsonWriter writer) => writer.WriteString("type", "string");

        private static bool TryPart(string text, out KeptRegion value)
        {
            bool isTop = text.Equals(TopName, StringComparison.OrdinalIgnoreCase);
            value = isTop ? Top : Left;
            return isTop || text.Equals(LeftName, StringComparison.OrdinalIgnoreCase);
        }
    }
}
