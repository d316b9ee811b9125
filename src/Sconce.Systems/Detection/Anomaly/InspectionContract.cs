using System.Text;
using System.Text.Json;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>How deviations from good parts are found.</summary>
public enum InspectionMethod
{
    /// <summary>The distance of each patch from the nearest in a bank of good patches (2106.08265).</summary>
    PatchCore,

    /// <summary>The distance of each patch from a Gaussian for its position (2011.08785): parts must lie alike.</summary>
    Padim,
}

/// <summary>What a model file says of itself: whoever opens it needs nothing else.</summary>
/// <param name="Method">How deviations are found.</param>
/// <param name="Network">The network whose features are looked at, in the catalogue or of torchvision.</param>
/// <param name="Layers">Its modules, the finest map first.</param>
/// <param name="Preprocessing">How a picture becomes its input.</param>
public sealed record InspectionContract(
    InspectionMethod Method, string Network, IReadOnlyList<string> Layers, ImagePreprocessing Preprocessing)
{
    /// <summary>The name under which it stands in the file.</summary>
    public const string MetadataName = "sconce.inspection";

    private const int Version = 1;

    /// <summary>Neighbours in PatchCore's weighting.</summary>
    public int Neighbours { get; init; } = 9;

    /// <summary>The blur of the map, in pixels as the network sees them.</summary>
    public double Sigma { get; init; } = 4;

    /// <summary>A score of so much or more is a defect.</summary>
    public double Threshold { get; init; } = double.PositiveInfinity;

    /// <summary>Where the threshold comes from, in words.</summary>
    public string ThresholdFrom { get; init; } = "";

    /// <summary>A pixel of so much or more belongs to a defect.</summary>
    public double PixelThreshold { get; init; } = double.PositiveInfinity;

    /// <summary>Where the colour scale begins: what good parts have.</summary>
    public double ScaleLow { get; init; }

    /// <summary>Where it ends. It is the same for every picture, so that a good part stays blue.</summary>
    public double ScaleHigh { get; init; } = 1;

    /// <summary>Good pictures that it was fitted to.</summary>
    public int Pictures { get; init; }

    /// <summary>Where they came from.</summary>
    public string Data { get; init; } = "";

    /// <summary>Where the network's weights came from.</summary>
    public string Weights { get; init; } = "";

    /// <summary>SHA-256 of the network's numbers.</summary>
    public string NetworkHash { get; init; } = "";

    /// <summary>As JSON.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", Version);
            writer.WriteString("method", Method.ToString());
            writer.WriteString("network", Network);
            Write(writer, "layers", Layers, writer.WriteStringValue);
            writer.WriteNumber("size", Preprocessing.Size);
            writer.WriteNumber("cropFraction", Preprocessing.CropFraction);
            writer.WriteString("resize", Preprocessing.Mode.ToString());
            writer.WriteString("filter", Preprocessing.Filter.ToString());
            Write(writer, "mean", Preprocessing.Mean, writer.WriteNumberValue);
            Write(writer, "std", Preprocessing.Std, writer.WriteNumberValue);
            writer.WriteNumber("neighbours", Neighbours);
            writer.WriteNumber("sigma", Sigma);
            writer.WriteNumber("threshold", Threshold);
            writer.WriteString("thresholdFrom", ThresholdFrom);
            writer.WriteNumber("pixelThreshold", PixelThreshold);
            writer.WriteNumber("scaleLow", ScaleLow);
            writer.WriteNumber("scaleHigh", ScaleHigh);
            writer.WriteNumber("pictures", Pictures);
            writer.WriteString("data", Data);
            writer.WriteString("weights", Weights);
            writer.WriteString("networkHash", NetworkHash);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Reads it back.</summary>
    /// <param name="json">As <see cref="ToJson"/> wrote it.</param>
    /// <param name="file">What errors call it.</param>
    /// <exception cref="InvalidDataException">It is none, or of a later version.</exception>
    public static InspectionContract Read(string json, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            int version = root.GetProperty("version").GetInt32();
            if (version > Version) throw new InvalidDataException($"{file} is of version {version}; {Version} is the last known here");
            int size = root.GetProperty("size").GetInt32();
            if (size is < 32 or > 4096) throw new InvalidDataException($"{file}: pictures of {size} pixels are none");
            var preprocessing = new ImagePreprocessing(size, Floats(root, "mean"), Floats(root, "std"))
            {
                CropFraction = Within(root, "cropFraction", 0.01, 1, file),
                Mode = Named<ResizeMode>(root, "resize"),
                Filter = Named<ResizeFilter>(root, "filter"),
            };
            string[] layers = [.. root.GetProperty("layers").EnumerateArray().Select(layer => layer.GetString()!)];
            return new InspectionContract(Named<InspectionMethod>(root, "method"), Text(root, "network"), layers, preprocessing)
            {
                Neighbours = (int)Within(root, "neighbours", 1, 10_000, file),
                Sigma = Within(root, "sigma", 0.01, 100, file),
                Threshold = root.GetProperty("threshold").GetDouble(),
                ThresholdFrom = Text(root, "thresholdFrom"),
                PixelThreshold = root.GetProperty("pixelThreshold").GetDouble(),
                ScaleLow = root.GetProperty("scaleLow").GetDouble(),
                ScaleHigh = root.GetProperty("scaleHigh").GetDouble(),
                Pictures = root.GetProperty("pictures").GetInt32(),
                Data = Text(root, "data"),
                Weights = Text(root, "weights"),
                NetworkHash = Text(root, "networkHash"),
            };
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{file}: what it says of itself is damaged: {fault.Message}", fault);
        }
    }

    private static void Write<T>(Utf8JsonWriter writer, string name, IEnumerable<T> items, Action<T> write)
    {
        writer.WriteStartArray(name);
        foreach (var item in items) write(item);
        writer.WriteEndArray();
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? "";

    private static float[] Floats(JsonElement root, string name)
    {
        float[] values = [.. root.GetProperty(name).EnumerateArray().Select(value => value.GetSingle())];
        return values.Length == 3 ? values
            : throw new FormatException($"'{name}' has {values.Length} numbers, and pictures have 3 channels");
    }

    private static T Named<T>(JsonElement root, string name)
        where T : struct, Enum => Enum.TryParse<T>(Text(root, name), out var value) && Enum.IsDefined(value)
        ? value : throw new FormatException($"'{name}' is '{Text(root, name)}'");

    private static double Within(JsonElement root, string name, double least, double most, string file)
    {
        double value = root.GetProperty(name).GetDouble();
        return value >= least && value <= most ? value
            : throw new InvalidDataException(FormattableString.Invariant($"{file}: {name} is {value}, not in [{least}, {most}]"));
    }
}
