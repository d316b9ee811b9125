using System.Text.Json;

namespace Sconce.Common;

/// <summary>On or off.</summary>
internal sealed class SwitchValue : SettingValue<bool>
{
    public override string Range => "true or false";

    public override string Placeholder => "";

    public override bool IsSwitch => true;

    public override bool TryRead(string text, out bool value) => bool.TryParse(text, out value);

    public override bool TryRead(JsonElement element, out bool value)
    {
        value = element.ValueKind == JsonValueKind.True;
        return element.ValueKind is JsonValueKind.True or JsonValueKind.False;
    }

    public override bool Holds(bool value) => true;

    public override string Text(bool value) => value ? "true" : "false";

    public override void Write(Utf8JsonWriter writer, bool value) => writer.WriteBooleanValue(value);

    public override void WriteSchema(Utf8JsonWriter writer) => writer.WriteString("type", "boolean");
}

/// <summary>Any text, or the path of a file.</summary>
internal sealed class WordsValue(bool isFile) : SettingValue<string>
{
    public override string Range => isFile ? "a file or folder" : "a text";

    public override string Placeholder => isFile ? "FILE" : "TEXT";

    public override bool IsFile => isFile;

    public override bool TryRead(string text, out string value)
    {
        value = text;
        return Holds(text);
    }

    public override bool TryRead(JsonElement element, out string value)
    {
        value = element.ValueKind == JsonValueKind.String ? element.GetString()! : "";
        return element.ValueKind == JsonValueKind.String && Holds(value);
    }

    public override bool Holds(string value) => value is not null && !value.Contains('\0');

    public override string Text(string value) => value;

    public override void Write(Utf8JsonWriter writer, string value) => writer.WriteStringValue(value);

    public override void WriteSchema(Utf8JsonWriter writer) => writer.WriteString("type", "string");
}

/// <summary>One of a few names; case, dashes and underscores do not count.</summary>
internal sealed class ChoiceValue<T>(IReadOnlyList<(string Name, T Value)> choices) : SettingValue<T>
    where T : struct, Enum
{
    public override string Range => $"one of {string.Join(", ", Choices)}";

    public override string Placeholder => "NAME";

    public override IReadOnlyList<string> Choices { get; } = [.. choices.Select(choice => choice.Name)];

    public override bool TryRead(string text, out T value)
    {
        string asked = Plain(text);
        foreach (var choice in choices)
        {
            value = choice.Value;
            if (Plain(choice.Name) == asked) return true;
        }

        value = default;
        return false;
    }

    public override bool TryRead(JsonElement element, out T value)
    {
        value = default;
        return element.ValueKind == JsonValueKind.String && TryRead(element.GetString()!, out value);
    }

    public override bool Holds(T value) => choices.Any(choice => EqualityComparer<T>.Default.Equals(choice.Value, value));

    public override string Text(T value) => choices.First(choice => EqualityComparer<T>.Default.Equals(choice.Value, value)).Name;

    public override void Write(Utf8JsonWriter writer, T value) => writer.WriteStringValue(Text(value));

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        writer.WriteStartArray("enum");
        foreach (string choice in Choices) writer.WriteStringValue(choice);
        writer.WriteEndArray();
    }

    private static string Plain(string name) =>
        name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
