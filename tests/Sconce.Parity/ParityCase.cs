using System.Text.Json;
using Sconce.Torch;

namespace Sconce.Parity;

/// <summary>One case file: a question to a system, with the official implementation's answer.</summary>
internal sealed class ParityCase
{
    private readonly JsonElement root;

    private ParityCase(string path, JsonElement root)
    {
        Path = path;
        this.root = root;
        System = Text("system");
        Model = Text("model");
        Config = new Config(root.TryGetProperty("config", out var config) ? config : default);
        Train = root.TryGetProperty("train", out var train) && train.ValueKind == JsonValueKind.True;
    }

    internal string Path { get; }

    internal string System { get; }

    internal string Model { get; }

    internal Config Config { get; }

    internal bool Train { get; }

    /// <summary>The whole file, for cases of a format of their own.</summary>
    internal JsonElement Root => root;

    internal static ParityCase Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return new ParityCase(path, document.RootElement.Clone());
    }

    /// <summary>What gradients are held to instead of 1e-3, where the case says so: its official answers' own rounding is larger.</summary>
    internal double? GradientTolerance => root.TryGetProperty("gradient_tolerance", out var value) ? value.GetDouble() : null;

    /// <summary>The entries of a field that is an object or a list; none where it is absent.</summary>
    internal IEnumerable<JsonProperty> Properties(string field) =>
        root.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];

    internal IEnumerable<JsonElement> Items(string field) =>
        root.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    /// <summary>The official shape of an entry of the state.</summary>
    internal long[] StateShape(string key) =>
        Items("tensors").Where(entry => entry.GetProperty("key").GetString() == key).Select(Shape).FirstOrDefault()
        ?? throw new KeyNotFoundException($"the case's state has no '{key}'");

    /// <summary>The shape of an input.</summary>
    internal long[] InputShape(string name)
    {
        var input = Properties("inputs").FirstOrDefault(entry => entry.Name == name).Value;
        if (input.ValueKind != JsonValueKind.Object) throw new KeyNotFoundException($"the case has no input '{name}'");
        return input.TryGetProperty("shape", out _) ? Shape(input) : [.. new ParityInputs(this)[name].Shape.ToArray()];
    }

    internal static long[] Shape(JsonElement element) => [.. element.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];

    private string Text(string field) => root.TryGetProperty(field, out var value) ? value.GetString() ?? "" : "";
}

/// <summary>A case's constructor arguments.</summary>
internal readonly struct Config(JsonElement element)
{
    internal JsonElement Element => element;

    internal bool Has(string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null;

    internal int Int(string name, int? otherwise = null) => Get(name, otherwise, value => (int)value.GetDouble());

    internal double Double(string name, double? otherwise = null) => Get(name, otherwise, value => value.GetDouble());

    internal bool Bool(string name, bool? otherwise = null) =>
        Get(name, otherwise, value => value.ValueKind == JsonValueKind.True
            || (value.ValueKind == JsonValueKind.Number && value.GetDouble() != 0));

    internal string String(string name, string? otherwise = null)
    {
        if (Has(name)) return element.GetProperty(name).GetString()!;
        return otherwise ?? throw Missing(name);
    }

    internal int[] Ints(string name) => [.. List(name).Select(value => (int)value.GetDouble())];

    internal double[] Doubles(string name) => [.. List(name).Select(value => value.GetDouble())];

    internal Config Child(string name) => new(Has(name) ? element.GetProperty(name) : default);

    internal IEnumerable<JsonElement> List(string name) => Has(name) ? element.GetProperty(name).EnumerateArray() : throw Missing(name);

    private T Get<T>(string name, T? otherwise, Func<JsonElement, T> read)
        where T : struct => Has(name) ? read(element.GetProperty(name)) : otherwise ?? throw Missing(name);

    private static KeyNotFoundException Missing(string name) => new($"the case's config has no '{name}'");
}

/// <summary>A case's inputs, made by the formula or given literally.</summary>
internal sealed class ParityInputs
{
    private readonly Dictionary<string, Tensor> tensors = [];
    private readonly Dictionary<string, JsonElement> raw = [];

    internal ParityInputs(ParityCase question, DType precision = DType.Float32)
    {
        foreach (var input in question.Properties("inputs"))
        {
            raw[input.Name] = input.Value;
            if (input.Value.TryGetProperty("value", out var literal))
            {
                if (Literal(literal) is { } tensor) tensors[input.Name] = tensor;
                continue;
            }

            var shape = ParityCase.Shape(input.Value);
            string key = "in." + input.Name;
            tensors[input.Name] = input.Value.TryGetProperty("below", out var below)
                ? Formula.Integers(key, shape, below.GetInt64())
                : Formula.Floats(key, shape, Number(input.Value, "mean", 0), Number(input.Value, "amp", 1)).To(precision);
        }
    }

    internal IReadOnlyDictionary<string, Tensor> All => tensors;

    internal Tensor this[string name] => tensors.TryGetValue(name, out var tensor)
        ? tensor : throw new KeyNotFoundException($"the case has no input '{name}': there are {string.Join(", ", raw.Keys)}");

    internal bool Has(string name) => tensors.ContainsKey(name);

    /// <summary>The literal as JSON, where it is no tensor (texts, ragged lists).</summary>
    internal JsonElement Raw(string name) => raw[name].GetProperty("value");

    private static double Number(JsonElement element, string name, double otherwise) =>
        element.TryGetProperty(name, out var value) ? value.GetDouble() : otherwise;

    /// <summary>Numbers and rectangular lists of them: integers unless one has a point or an exponent; null for anything else.</summary>
    private static Tensor? Literal(JsonElement literal)
    {
        var shape = new List<long>();
        for (var level = literal; level.ValueKind == JsonValueKind.Array;)
        {
            shape.Add(level.GetArrayLength());
            if (level.GetArrayLength() == 0) break;
            level = level[0];
        }

        var numbers = new List<double>();
        bool real = false, truth = false;
        if (!Collect(literal, 0)) return null;
        long count = shape.Aggregate(1L, (product, size) => product * size);
        if (count != numbers.Count) return null;
        if (truth) return Tensor.From(numbers.Select(number => number != 0).ToArray(), shape.ToArray()).Reshape(shape.ToArray());
        return (real
            ? Tensor.From(numbers.Select(number => (float)number).ToArray())
            : Tensor.From(numbers.Select(number => (long)number).ToArray())).Reshape(shape.ToArray());

        bool Collect(JsonElement element, int depth)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Array:
                    if (depth >= shape.Count || element.GetArrayLength() != shape[depth]) return false;
                    return element.EnumerateArray().All(item => Collect(item, depth + 1));
                case JsonValueKind.Number when depth == shape.Count:
                    real |= element.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') >= 0;
                    numbers.Add(element.GetDouble());
                    return true;
                case JsonValueKind.True or JsonValueKind.False when depth == shape.Count:
                    truth = true;
                    numbers.Add(element.GetBoolean() ? 1 : 0);
                    return true;
                default: return false;
            }
        }
    }
}
