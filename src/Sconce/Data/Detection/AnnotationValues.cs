using System.Globalization;
using System.Text.Json;

namespace Sconce.Data;

/// <summary>
/// Values of annotations as programs write them: 7, 7.0 and "7" are one number; 0, 1, true, "true" and null are flags. What is missing or
/// null has the format's default; what cannot be
/// read is a fault that names the place, never the default.
/// </summary>
internal static class AnnotationValues
{
    /// <summary>A member; null where it is missing or null.</summary>
    internal static JsonElement? Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value : null;

    /// <summary>A whole number that must be there.</summary>
    internal static long Whole(JsonElement element, string name, string path, string where)
    {
        var value = Find(element, name) ?? throw new DataException(path, $"{where} has no number '{name}'");
        return Whole(value) ?? throw new DataException(path, $"{where}: '{name}' is {Shown(value)}, no whole number");
    }

    /// <summary>A whole number, however it is written; null where it is none.</summary>
    internal static long? Whole(JsonElement value)
    {
        bool read = value.ValueKind == JsonValueKind.Number ? value.TryGetDecimal(out decimal number)
            : decimal.TryParse(Plain(value), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
        return read && decimal.Truncate(number) == number && number is >= long.MinValue and <= long.MaxValue ? (long)number : null;
    }

    /// <summary>A number, however it is written; null where it is none.</summary>
    internal static double? Real(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number ? value.GetDouble()
            : double.TryParse(Plain(value), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null;

    /// <summary>A number that may be missing.</summary>
    internal static double? Real(JsonElement element, string name, string path, string where) => Find(element, name) is not { } value ? null
        : Real(value) ?? throw new DataException(path, $"{where}: '{name}' is {Shown(value)}, no number");

    /// <summary>A flag; false where it is missing.</summary>
    internal static bool Flag(JsonElement element, string name, string path, string where) =>
        Find(element, name) is not { } value ? false : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => value.GetDouble() != 0,
            _ => Flag(Plain(value))
                ?? throw new DataException(path, $"{where}: '{name}' is {Shown(value)}, where 0, 1, true or false is wanted"),
        };

    /// <summary>A flag's text; null where it is none.</summary>
    internal static bool? Flag(string? text) => text?.Trim().ToLowerInvariant() switch
    {
        "1" or "1.0" or "true" or "yes" => true,
        "" or "0" or "0.0" or "false" or "no" => false,
        _ => null,
    };

    /// <summary>A text that must be there; numbers are their digits.</summary>
    internal static string Text(JsonElement element, string name, string path, string where)
    {
        var value = Find(element, name) ?? throw new DataException(path, $"{where} has no text '{name}'");
        if (value.ValueKind is JsonValueKind.Number) return value.GetRawText();
        if (value.ValueKind != JsonValueKind.String) throw new DataException(path, $"{where}: '{name}' is {Shown(value)}, no text");
        return Plain(value) is { } text && !text.Contains('\0') ? text
            : throw new DataException(path, $"{where}: '{name}' is {Shown(value)}, which is no text: it holds half a character, or NUL");
    }

    /// <summary>What a value is in the file, shortened, for errors.</summary>
    internal static string Shown(JsonElement value)
    {
        const int most = 60;
        string text = value.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= most ? text : text[..most] + "…";
    }

    /// <summary>A text; null where it is none, or holds half a surrogate pair or bytes that are no UTF-8.</summary>
    internal static string? Plain(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;    // said by the caller, who knows the place
        }
    }
}
