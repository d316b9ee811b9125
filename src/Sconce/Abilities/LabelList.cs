using System.Text.Json;
using Sconce.Files;

namespace Sconce.Abilities;

/// <summary>Names of classes: typed with commas between, or as the path of a text with one a line.</summary>
/// <param name="Names">In the order of a network's outputs, none empty.</param>
public sealed record LabelList(IReadOnlyList<string> Names) : ISettingValue<LabelList>
{
    /// <inheritdoc/>
    public static SettingValue<LabelList> Value { get; } = new NamesValue();

    /// <summary>One class a line; empty lines do not count.</summary>
    /// <param name="file">The path of a text.</param>
    /// <exception cref="UsageException">It names nothing.</exception>
    public static LabelList Read(string file)
    {
        string[] names = [.. RegularFile.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return names.Length > 0 ? new LabelList(names) : throw new UsageException($"{file} names no class");
    }

    private sealed class NamesValue : SettingValue<LabelList>
    {
        public override string Range => "names with commas between, or a text file with one a line";

        public override string Placeholder => "NAMES|FILE";

        public override bool IsList => true;

        public override bool TryRead(string text, out LabelList value)
        {
            value = File.Exists(text) ? Read(text)
                : new LabelList(text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            return Holds(value);
        }

        /// <summary>What comes as JSON may come from afar: it names no files.</summary>
        public override bool TryRead(JsonElement element, out LabelList value)
        {
            string[] names = element.ValueKind switch
            {
                JsonValueKind.Array when element.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String) =>
                    [.. element.EnumerateArray().Select(name => name.GetString()!)],
                JsonValueKind.String =>
                    element.GetString()!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                _ => [],
            };
            value = new LabelList(names);
            return Holds(value);
        }

        public override bool Holds(LabelList value) =>
            value is not null && value.Names.Count > 0 && value.Names.All(name => name.Trim().Length > 0);

        public override string Text(LabelList value) => string.Join(',', value.Names);

        public override void Write(Utf8JsonWriter writer, LabelList value)
        {
            writer.WriteStartArray();
            foreach (string name in value.Names) writer.WriteStringValue(name);
            writer.WriteEndArray();
        }

        public override void WriteSchema(Utf8JsonWriter writer)
        {
            writer.WriteString("type", "array");
            writer.WriteStartObject("items");
            writer.WriteString("type", "string");
            writer.WriteEndObject();
        }
    }
}
