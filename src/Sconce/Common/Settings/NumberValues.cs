using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Sconce.Common;

/// <summary>A whole number between bounds that count.</summary>
internal sealed class WholeValue<T>(T least, T most) : SettingValue<T>
    where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
{
    public override string Range => (least == T.MinValue, most == T.MaxValue) switch
    {
        (true, true) => "a whole number",
        (true, false) => $"a whole number up to {Text(most)}",
        (false, true) => $"a whole number from {Text(least)} on",
        _ => $"a whole number from {Text(least)} to {Text(most)}",
    };

    public override string Placeholder => "N";

    public override bool TryRead(string text, out T value) =>
        T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && Holds(value);

    public override bool TryRead(JsonElement element, out T value)
    {
        value = default;
        return element.ValueKind == JsonValueKind.Number && TryRead(element.GetRawText(), out value);
    }

    public override bool Holds(T value) => value >= least && value <= most;

    public override string Text(T value) => value.ToString(null, CultureInfo.InvariantCulture);

    public override void Write(Utf8JsonWriter writer, T value) => writer.WriteRawValue(Text(value));

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "integer");
        if (least != T.MinValue)
        {
            writer.WritePropertyName("minimum");
            Write(writer, least);
        }

        if (most == T.MaxValue) return;
        writer.WritePropertyName("maximum");
        Write(writer, most);
    }
}

/// <summary>A finite number between bounds, each of which counts or not.</summary>
internal sealed class RealValue(double least, double most, bool above, bool below) : SettingValue<double>
{
    public override string Range => (HasLeast, HasMost) switch
    {
        (false, false) => "a number",
        (true, false) => above ? $"a number above {Text(least)}" : $"a number from {Text(least)} on",
        (false, true) => below ? $"a number below {Text(most)}" : $"a number up to {Text(most)}",
        _ => (above, below) switch
        {
            (true, true) => $"a number above {Text(least)} and below {Text(most)}",
            (true, false) => $"a number above {Text(least)}, at most {Text(most)}",
            (false, true) => $"a number from {Text(least)} on, below {Text(most)}",
            _ => $"a number from {Text(least)} to {Text(most)}",
        },
    };

    public override string Placeholder => "NUMBER";

    private bool HasLeast => !double.IsInfinity(least);

    private bool HasMost => !double.IsInfinity(most);

    public override bool TryRead(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && Holds(value);

    public override bool TryRead(JsonElement element, out double value)
    {
        value = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out value) && Holds(value);
    }

    public override bool Holds(double value) =>
        double.IsFinite(value) && (above ? value > least : value >= least) && (below ? value < most : value <= most);

    public override string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public override void Write(Utf8JsonWriter writer, double value) => writer.WriteNumberValue(value);

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "number");
        if (HasLeast) writer.WriteNumber(above ? "exclusiveMinimum" : "minimum", least);
        if (HasMost) writer.WriteNumber(below ? "exclusiveMaximum" : "maximum", most);
    }
}
