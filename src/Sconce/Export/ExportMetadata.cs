using System.Text;
using System.Text.Json;
using Sconce.Imaging;

namespace Sconce.Export;

/// <summary>What a file must tell whoever runs it without Sconce, as ONNX's <c>metadata_props</c>: JSON under fixed names.</summary>
public static class ExportMetadata
{
    /// <summary>The names of the classes, a JSON array in the order of the outputs.</summary>
    public const string Classes = "classes";

    /// <summary>How a picture becomes the input, a JSON object: <c>size</c>, <c>resize</c>, <c>filter</c>, <c>cropFraction</c>,
    /// <c>mean</c>, <c>std</c> of [0, 1].</summary>
    public const string Preprocessing = "preprocessing";

    /// <summary>The network's name in the catalogue.</summary>
    public const string Network = "network";

    /// <summary>The entries of a network.</summary>
    /// <param name="network">Its name.</param>
    /// <param name="classes">What its outputs are called; null where that is not known.</param>
    /// <param name="preprocessing">How a picture becomes its input; null where it takes none.</param>
    public static IReadOnlyDictionary<string, string> Of(string network, IReadOnlyList<string>? classes, ImagePreprocessing? preprocessing)
    {
        var entries = new Dictionary<string, string> { [Network] = network };
        if (classes is not null) entries[Classes] = Json(writer => Array(writer, classes, (w, name) => w.WriteStringValue(name)));
        if (preprocessing is not null) entries[Preprocessing] = Json(writer => Write(writer, preprocessing));
        return entries;
    }

    private static void Write(Utf8JsonWriter writer, ImagePreprocessing preprocessing)
    {
        writer.WriteStartObject();
        writer.WriteNumber("size", preprocessing.Size);
        writer.WriteString("resize", JsonNamingPolicy.CamelCase.ConvertName(preprocessing.Mode.ToString()));
        writer.WriteString("filter", JsonNamingPolicy.CamelCase.ConvertName(preprocessing.Filter.ToString()!));
        writer.WriteNumber("cropFraction", preprocessing.CropFraction);
        writer.WritePropertyName("mean");
        Array(writer, preprocessing.Mean, (w, value) => w.WriteNumberValue(value));
        writer.WritePropertyName("std");
        Array(writer, preprocessing.Std, (w, value) => w.WriteNumberValue(value));
        writer.WriteEndObject();
    }

    private static void Array<T>(Utf8JsonWriter writer, IEnumerable<T> values, Action<Utf8JsonWriter, T> write)
    {
        writer.WriteStartArray();
        foreach (var value in values) write(writer, value);
        writer.WriteEndArray();
    }

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) write(writer);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
