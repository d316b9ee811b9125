using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Catalogue;

namespace Sconce.Training;

/// <summary>The values of a method's own options, by name; null where an option is left open.</summary>
[JsonConverter(typeof(MethodOptionsJson))]
public sealed class MethodOptions
{
    private readonly OrderedDictionary<string, string?> values;

    /// <summary>Takes values as they are; <see cref="Resolve"/> checks them.</summary>
    public MethodOptions(IEnumerable<KeyValuePair<string, string?>> values) => this.values = new OrderedDictionary<string, string?>(values);

    /// <summary>None.</summary>
    public static MethodOptions None { get; } = new([]);

    /// <summary>Names and values, in order.</summary>
    public IReadOnlyDictionary<string, string?> Values => values;

    /// <summary>These values, and over them others.</summary>
    public MethodOptions With(IEnumerable<KeyValuePair<string, string?>> others)
    {
        var all = new OrderedDictionary<string, string?>(values);
        foreach (var (name, value) in others) all[name] = value;
        return new MethodOptions(all);
    }

    /// <summary>These values, and a value for an option that is left open.</summary>
    public MethodOptions Or(string name, string value) => Has(name) ? this : With([KeyValuePair.Create(name, (string?)value)]);

    /// <summary>Every option of a method in its order: what was asked, checked, and the defaults elsewhere.</summary>
    /// <param name="options">Those that the method has.</param>
    /// <param name="method">Its name.</param>
    /// <exception cref="UsageException">An option that it has not, or a value out of range; the message names both, and the nearest.</exception>
    public MethodOptions Resolve(IReadOnlyList<MethodOption> options, string method)
    {
        foreach (string name in values.Keys)
        {
            if (options.Any(option => option.Name == name)) continue;
            string[] names = [.. options.Select(option => option.Name)];
            throw new UsageException($"the method {method} has no option '{name}'. {NearestNames.Suggest(name, names)}".TrimEnd() + (names.Length > 0 ? $" It has {string.Join(", ", names)}" : " It has none"));
        }

        return new MethodOptions(options.Select(option =>
            KeyValuePair.Create(option.Name, values.TryGetValue(option.Name, out string? value) && value is not null ? option.Checked(value, $"{method}: {option.Typed}") : option.Default)));
    }

    /// <summary>A number.</summary>
    public double Real(string name) => double.Parse(Required(name), CultureInfo.InvariantCulture);

    /// <summary>A whole number.</summary>
    public int Count(string name) => int.Parse(Required(name), CultureInfo.InvariantCulture);

    /// <summary>Whole numbers.</summary>
    public IReadOnlyList<int> Counts(string name) => [.. Required(name).Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture))];

    /// <summary>A text, or null where it is left open.</summary>
    public string? Text(string name) => values.TryGetValue(name, out string? value) ? value : throw new ArgumentException($"there is no option '{name}' among {string.Join(", ", values.Keys)}", nameof(name));

    /// <summary>Whether the option has a value.</summary>
    public bool Has(string name) => Text(name) is not null;

    private string Required(string name) => Text(name) ?? throw new ArgumentException($"the option '{name}' has no value", nameof(name));
}

/// <summary>An object of numbers, texts and nulls.</summary>
internal sealed class MethodOptionsJson : JsonConverter<MethodOptions>
{
    public override MethodOptions Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new JsonException("the method's options are an object");
        return new MethodOptions(document.RootElement.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, Text(property.Value))));
    }

    public override void Write(Utf8JsonWriter writer, MethodOptions value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value.Values)
        {
            writer.WritePropertyName(name);
            if (text is null) writer.WriteNullValue();
            else if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number.ToString("R", CultureInfo.InvariantCulture) == text) writer.WriteNumberValue(number);
            else writer.WriteStringValue(text);
        }

        writer.WriteEndObject();
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetDouble(out double number) && double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : throw new JsonException("a number that is none"),
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(Text)),
        _ => throw new JsonException("a method's option is a number or a text"),
    };
}
