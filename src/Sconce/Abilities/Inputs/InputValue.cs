using System.Text.Json;

namespace Sconce.Abilities;

/// <summary>An input as a setting: a file that is named.</summary>
internal sealed class InputValue<T>(Func<T, string> path) : SettingValue<T>
    where T : class, IInput<T>
{
    public override string Range => $"a {T.Kind.Name}'s file";

    public override string Placeholder => "FILE";

    public override bool IsFile => true;

    public override bool TryRead(string text, out T value)
    {
        value = T.Of(text);
        return text.Length > 0 && !text.Contains('\0');
    }

    public override bool TryRead(JsonElement element, out T value)
    {
        value = null!;
        return element.ValueKind == JsonValueKind.String && TryRead(element.GetString()!, out value);
    }

    public override bool Holds(T value) => value is not null;

    public override string Text(T value) => path(value);

    public override void Write(Utf8JsonWriter writer, T value) => writer.WriteStringValue(Text(value));

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "string");
        writer.WriteString("contentMediaType", "application/octet-stream");
    }
}
