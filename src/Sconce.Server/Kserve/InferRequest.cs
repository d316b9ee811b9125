using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sconce.Server.Requests;
using Sconce.Server.Serving;

namespace Sconce.Server.Kserve;

/// <summary>
/// A request of the Open Inference Protocol, version 2, with its extension of binary tensors: a JSON head, and the tensors' bytes behind
/// it in order (open-inference-protocol, specification/protocol/inference_rest.md; triton-inference-server, extension_binary_data.md).
/// </summary>
/// <param name="Id">What the client calls it; null where it does not.</param>
/// <param name="Question">The one input.</param>
/// <param name="IsBinary">Whether the output is wanted as bytes.</param>
internal sealed record InferRequest(string? Id, NetworkQuestion Question, bool IsBinary)
{
    private const int MostDimensions = 8;
    private float[]? rented;

    /// <summary>Gives the pool its memory back, where it lent some: after the answer, when nobody reads the question any more.</summary>
    public void GiveBack()
    {
        if (Interlocked.Exchange(ref rented, null) is { } values) ArrayPool<float>.Shared.Return(values);
    }

    /// <summary>Reads a request.</summary>
    /// <param name="body">All of it.</param>
    /// <param name="headLength">The length of the JSON head; null where all is JSON.</param>
    /// <param name="network">Whom it is for.</param>
    /// <exception cref="RequestException">It is damaged, or the network takes something else.</exception>
    public static InferRequest Read(ReadOnlyMemory<byte> body, int? headLength, ServedNetwork network)
    {
        if (headLength is { } length && (length < 0 || length > body.Length))
            throw Bad($"the head has {length} bytes, and the body {body.Length}");
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(headLength is { } head ? body[..head] : body);
        }
        catch (JsonException fault)
        {
            throw Bad($"the JSON cannot be read: {fault.Message}");
        }

        using (document) return Read(document.RootElement, headLength is { } start ? body[start..] : default, network);
    }

    private static InferRequest Read(JsonElement root, ReadOnlyMemory<byte> raw, ServedNetwork network)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("inputs", out var inputs)
            || inputs.ValueKind != JsonValueKind.Array)
            throw Bad("a request is an object with a list of inputs");
        if (inputs.GetArrayLength() != 1)
            throw Bad($"{network.Name} has one input, {ServedNetworkTensors.Input}, not {inputs.GetArrayLength()}");
        var input = inputs[0];
        if (input.ValueKind != JsonValueKind.Object) throw Bad("an input is an object");
        if (Text(input, "name") is { } name && name != ServedNetworkTensors.Input)
            throw Bad($"{network.Name} has an input {ServedNetworkTensors.Input}, not '{Short(name)}'");
        if (Text(input, "datatype") is not "FP32") throw Bad($"the input {ServedNetworkTensors.Input} has the datatype FP32");
        long[] shape = Shape(input);
        long count = Count(shape);
        if (shape.Length != network.InputShape.Length + 1 || !shape.AsSpan(1).SequenceEqual(network.InputShape))
            throw Bad(Misshapen(network, shape));
        var (id, isBinary) = (Text(root, "id"), WantsBinary(root));
        if (BinarySize(input) is not { } size) return new(id, new NetworkQuestion(Listed(input, count), shape), isBinary);
        float[] values = Binary(raw, size, count);
        return new(id, new NetworkQuestion(values.AsMemory(0, (int)count), shape), isBinary) { rented = values };
    }

    private static string Misshapen(ServedNetwork network, long[] shape) =>
        $"the input {ServedNetworkTensors.Input} has the shape [-1, {string.Join(", ", network.InputShape)}], "
        + $"not [{string.Join(", ", shape)}]";

    private static long[] Shape(JsonElement input)
    {
        if (!input.TryGetProperty("shape", out var shape) || shape.ValueKind != JsonValueKind.Array
            || shape.GetArrayLength() is 0 or > MostDimensions)
            throw Bad($"an input has a shape of 1 to {MostDimensions} dimensions");
        return [.. shape.EnumerateArray().Select(one =>
            one.ValueKind == JsonValueKind.Number && one.TryGetInt64(out long side) && side > 0
                ? side : throw Bad("a shape has whole numbers above 0"))];
    }

    private static long Count(long[] shape)
    {
        Int128 count = 1;
        foreach (long side in shape)
        {
            if ((count *= side) > Array.MaxLength) throw Bad("the shape has too many numbers");
        }

        return (long)count;
    }

    private static float[] Binary(ReadOnlyMemory<byte> raw, long size, long count)
    {
        if (size != count * sizeof(float)) throw Bad($"the shape takes {count * sizeof(float)} bytes, and binary_data_size is {size}");
        if (raw.Length != size) throw Bad($"binary_data_size is {size}, and {raw.Length} bytes follow the head");
        float[] values = ArrayPool<float>.Shared.Rent((int)count);
        raw.Span.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()));
        if (BitConverter.IsLittleEndian) return values;
        var bits = MemoryMarshal.Cast<float, int>(values.AsSpan(0, (int)count));
        BinaryPrimitives.ReverseEndianness(bits, bits);
        return values;
    }

    private static float[] Listed(JsonElement input, long count)
    {
        if (!input.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array)
            throw Bad("an input has data, or its parameter binary_data_size");
        // The numbers are counted by the request's own bytes, not by what its shape declares.
        var values = new List<float>();
        Gather(data, values, count, depth: 0);
        return values.Count == count ? [.. values] : throw Bad($"the shape takes {count} numbers, and there are {values.Count}");
    }

    /// <summary>Nested lists are as good as a flat one.</summary>
    private static void Gather(JsonElement data, List<float> values, long count, int depth)
    {
        if (depth > MostDimensions) throw Bad("the data is nested too deeply");
        foreach (var item in data.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Array) Gather(item, values, count, depth + 1);
            else if (item.ValueKind == JsonValueKind.Number && item.TryGetSingle(out float value) && float.IsFinite(value))
                values.Add(value);
            else throw Bad("data are numbers that float32 holds");
            if (values.Count > count) throw Bad($"the shape takes {count} numbers, and there are more");
        }
    }

    private static long? BinarySize(JsonElement input)
    {
        if (!Parameter(input, "binary_data_size", out var size)) return null;
        return size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out long known) && known >= 0
            ? known : throw Bad("binary_data_size is a number of bytes");
    }

    private static bool WantsBinary(JsonElement root)
    {
        if (Parameter(root, "binary_data_output", out var all)) return all.ValueKind == JsonValueKind.True;
        if (!root.TryGetProperty("outputs", out var outputs)) return false;
        if (outputs.ValueKind != JsonValueKind.Array) throw Bad("outputs are a list");
        bool isBinary = false;
        foreach (var output in outputs.EnumerateArray())
        {
            if (output.ValueKind != JsonValueKind.Object || Text(output, "name") != ServedNetworkTensors.Output)
                throw Bad($"there is one output, {ServedNetworkTensors.Output}");
            isBinary |= Parameter(output, "binary_data", out var binary) && binary.ValueKind == JsonValueKind.True;
        }

        return isBinary;
    }

    private static bool Parameter(JsonElement element, string name, out JsonElement value)
    {
        value = default;
        return element.TryGetProperty("parameters", out var parameters) && parameters.ValueKind == JsonValueKind.Object
            && parameters.TryGetProperty(name, out value);
    }

    private static string? Text(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.String) throw Bad($"{name} is a text");
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            throw Bad($"{name} is no text of Unicode");
        }
    }

    private static string Short(string name) => name.Length <= 60
        ? name : string.Create(CultureInfo.InvariantCulture, $"{name.AsSpan(0, 60)}…");

    private static RequestException Bad(string message) => new(400, message);
}

/// <summary>What the tensors of a network are called.</summary>
internal static class ServedNetworkTensors
{
    /// <summary>The one input.</summary>
    public const string Input = "input";

    /// <summary>The one output.</summary>
    public const string Output = "output";
}
