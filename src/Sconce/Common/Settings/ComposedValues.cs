using System.Text.Json;

namespace Sconce.Common;

/// <summary>What a value and «none» have in common, whether it is a number or a reference.</summary>
internal abstract class OptionalValue<TInner, TOuter>(SettingValue<TInner> inner, bool isOpen) : SettingValue<TOuter>
{
    private const string None = "none";

    public override string Range => isOpen ? inner.Range : $"{inner.Range}, or {None}";

    public override string Placeholder => inner.Placeholder;

    public override IReadOnlyList<string> Choices => inner.Choices.Count > 0 && !isOpen ? [.. inner.Choices, None] : inner.Choices;

    public override bool IsFile => inner.IsFile;

    public override bool IsList => inner.IsList;

    protected SettingValue<TInner> Inner => inner;

    protected bool IsNone(string text) => text is None && !isOpen;

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("anyOf");
        writer.WriteStartObject();
        inner.WriteSchema(writer);
        writer.WriteEndObject();
        writer.WriteStartObject();
        writer.WriteString("type", "null");
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}

/// <summary>A number, switch or name, or none.</summary>
internal sealed class OptionalNumber<T>(SettingValue<T> inner, bool isOpen) : OptionalValue<T, T?>(inner, isOpen)
    where T : struct
{
    public override bool TryRead(string text, out T? value)
    {
        value = null;
        if (IsNone(text)) return true;
        if (!Inner.TryRead(text, out var read)) return false;
        value = read;
        return true;
    }

    public override bool TryRead(JsonElement element, out T? value)
    {
        value = null;
        if (element.ValueKind == JsonValueKind.Null) return true;
        if (!Inner.TryRead(element, out var read)) return false;
        value = read;
        return true;
    }

    public override bool Holds(T? value) => value is not { } some || Inner.Holds(some);

    public override string Text(T? value) => value is { } some ? Inner.Text(some) : "";

    public override void Write(Utf8JsonWriter writer, T? value)
    {
        if (value is { } some) Inner.Write(writer, some);
        else writer.WriteNullValue();
    }
}

/// <summary>A text, a file, a list, or none.</summary>
internal sealed class OptionalReference<T>(SettingValue<T> inner, bool isOpen) : OptionalValue<T, T?>(inner, isOpen)
    where T : class
{
    public override bool TryRead(string text, out T? value)
    {
        value = null;
        if (IsNone(text)) return true;
        if (!Inner.TryRead(text, out var read)) return false;
        value = read;
        return true;
    }

    public override bool TryRead(JsonElement element, out T? value)
    {
        value = null;
        if (element.ValueKind == JsonValueKind.Null) return true;
        if (!Inner.TryRead(element, out var read)) return false;
        value = read;
        return true;
    }

    public override bool Holds(T? value) => value is null || Inner.Holds(value);

    public override string Text(T? value) => value is null ? "" : Inner.Text(value);

    public override void Write(Utf8JsonWriter writer, T? value)
    {
        if (value is null) writer.WriteNullValue();
        else Inner.Write(writer, value);
    }
}

/// <summary>Several values, typed with commas between.</summary>
internal sealed class ListValue<T>(SettingValue<T> inner) : SettingValue<IReadOnlyList<T>>
{
    public override string Range => $"with commas between, each {inner.Range}";

    public override string Placeholder => $"{inner.Placeholder},…";

    public override IReadOnlyList<string> Choices => inner.Choices;

    public override bool IsFile => inner.IsFile;

    public override bool IsList => true;

    public override bool TryRead(string text, out IReadOnlyList<T> value)
    {
        var read = new List<T>();
        value = read;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.Length == 0 || !inner.TryRead(part, out var one)) return false;
            read.Add(one);
        }

        return true;
    }

    public override bool TryRead(JsonElement element, out IReadOnlyList<T> value)
    {
        var read = new List<T>();
        value = read;
        if (element.ValueKind != JsonValueKind.Array) return false;
        foreach (var part in element.EnumerateArray())
        {
            if (!inner.TryRead(part, out var one)) return false;
            read.Add(one);
        }

        return true;
    }

    public override bool Holds(IReadOnlyList<T> value) => value is not null && value.All(inner.Holds);

    public override string Text(IReadOnlyList<T> value) => string.Join(',', value.Select(inner.Text));

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<T> value)
    {
        writer.WriteStartArray();
        foreach (var one in value) inner.Write(writer, one);
        writer.WriteEndArray();
    }

    public override void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteString("type", "array");
        writer.WriteStartObject("items");
        inner.WriteSchema(writer);
        writer.WriteEndObject();
    }
}
