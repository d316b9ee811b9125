using System.Text.Json;
using Sconce.Imaging;

namespace Sconce.Abilities;

/// <summary>What is put behind somebody who was cut out: a colour, or a picture.</summary>
public sealed class Backdrop : ISettingValue<Backdrop>
{
    private readonly Rgb? colour;
    private readonly Picture? picture;

    private Backdrop(Rgb? colour, Picture? picture) => (this.colour, this.picture) = (colour, picture);

    /// <inheritdoc/>
    public static SettingValue<Backdrop> Value { get; } = new BackdropValue();

    /// <summary>One colour everywhere.</summary>
    public static Backdrop Of(Rgb colour) => new(colour, null);

    /// <summary>A picture, scaled until it covers and cut about its middle.</summary>
    public static Backdrop Of(Picture picture) => new(null, picture);

    /// <summary>8-bit RGB of a size.</summary>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <exception cref="ImageException">The picture cannot be read.</exception>
    public Image Of(int width, int height)
    {
        if (picture is not null)
        {
            var image = picture.Image.To8Bit().ToRgb(Rgb.White);
            double scale = Math.Max((double)width / image.Width, (double)height / image.Height);
            int wide = Math.Max(width, (int)Math.Round(image.Width * scale));
            int high = Math.Max(height, (int)Math.Round(image.Height * scale));
            return image.ResizeCenterCrop(wide, high, width, height);
        }

        var plain = new Image(width, height);
        var pixels = plain.Pixels;
        var (red, green, blue) = (colour!.Value.R, colour.Value.G, colour.Value.B);
        for (int k = 0; k < pixels.Length; k += 3) (pixels[k], pixels[k + 1], pixels[k + 2]) = (red, green, blue);
        return plain;
    }

    /// <inheritdoc/>
    public override string ToString() => colour?.ToString() ?? picture!.Path ?? picture.Name;

    private sealed class BackdropValue : SettingValue<Backdrop>
    {
        private static readonly Dictionary<string, Rgb> Named = new(StringComparer.OrdinalIgnoreCase)
        {
            ["black"] = Rgb.Black,
            ["white"] = Rgb.White,
            ["grey"] = new(128, 128, 128),
            ["gray"] = new(128, 128, 128),
            ["red"] = new(255, 0, 0),
            ["green"] = new(0, 255, 0),
            ["blue"] = new(0, 0, 255),
        };

        public override string Range => "a picture's file, or a colour: #rrggbb, black, white, grey, red, green, blue";

        public override string Placeholder => "FILE|COLOUR";

        public override bool IsFile => true;

        public override bool TryRead(string text, out Backdrop value)
        {
            if (TryColour(text, out value)) return true;
            value = Of(Picture.Of(text));
            return text.Length > 0 && File.Exists(text);
        }

        /// <summary>What comes as JSON may come from afar: it names no files.</summary>
        public override bool TryRead(JsonElement element, out Backdrop value)
        {
            value = null!;
            return element.ValueKind == JsonValueKind.String && TryColour(element.GetString()!, out value);
        }

        public override bool Holds(Backdrop value) => value is not null;

        public override string Text(Backdrop value) => value.ToString();

        public override void Write(Utf8JsonWriter writer, Backdrop value) => writer.WriteStringValue(Text(value));

        public override void WriteSchema(Utf8JsonWriter writer) => writer.WriteString("type", "string");

        private static bool TryColour(string text, out Backdrop value)
        {
            value = null!;
            if (!Named.TryGetValue(text, out var known))
            {
                if (text.Length != 7 || text[0] != '#' || !text.Skip(1).All(char.IsAsciiHexDigit)) return false;
                known = Rgb.Parse(text);
            }

            value = Of(known);
            return true;
        }
    }
}
