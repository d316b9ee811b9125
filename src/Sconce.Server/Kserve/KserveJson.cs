using System.Text.Json;
using Sconce.Server.Serving;

namespace Sconce.Server.Kserve;

/// <summary>What the protocol's addresses answer.</summary>
internal static class KserveJson
{
    /// <summary>The server's own metadata.</summary>
    public static byte[] Server(string version) => Written(writer =>
    {
        writer.WriteString("name", "sconce");
        writer.WriteString("version", version);
        writer.WriteStartArray("extensions");
        writer.WriteStringValue("binary_tensor_data");
        writer.WriteEndArray();
    });

    /// <summary>A network's metadata.</summary>
    public static byte[] Model(ServedNetwork network) => Written(writer =>
    {
        writer.WriteString("name", network.Name);
        writer.WriteStartArray("versions");
        writer.WriteStringValue("1");
        writer.WriteEndArray();
        writer.WriteString("platform", "sconce");
        Tensors(writer, "inputs", ServedNetworkTensors.Input, network.InputShape);
        Tensors(writer, "outputs", ServedNetworkTensors.Output, network.OutputShape);
    });

    /// <summary>Whether something is ready.</summary>
    public static byte[] State(string name, bool isSo, string? model = null) => Written(writer =>
    {
        if (model is not null) writer.WriteString("name", model);
        writer.WriteBoolean(name, isSo);
    });

    /// <summary>The head of an answer; with binary data, its bytes follow.</summary>
    public static byte[] Answer(string? id, string model, NetworkReply reply, bool isBinary) => Written(writer =>
    {
        if (id is not null) writer.WriteString("id", id);
        writer.WriteString("model_name", model);
        writer.WriteString("model_version", "1");
        writer.WriteStartArray("outputs");
        writer.WriteStartObject();
        writer.WriteString("name", ServedNetworkTensors.Output);
        writer.WriteString("datatype", "FP32");
        Shape(writer, reply.Shape);
        if (isBinary)
        {
            writer.WriteStartObject("parameters");
            writer.WriteNumber("binary_data_size", (long)reply.Values.Length * sizeof(float));
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteStartArray("data");
            foreach (float value in reply.Values)
            {
                if (float.IsFinite(value)) writer.WriteNumberValue(value);
                else writer.WriteNullValue();   // JSON has no others
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndArray();
    });

    private static void Tensors(Utf8JsonWriter writer, string list, string name, long[] shape)
    {
        writer.WriteStartArray(list);
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteString("datatype", "FP32");
        Shape(writer, [-1, .. shape]);
        writer.WriteEndObject();
        writer.WriteEndArray();
    }

    private static void Shape(Utf8JsonWriter writer, ReadOnlySpan<long> shape)
    {
        writer.WriteStartArray("shape");
        foreach (long side in shape) writer.WriteNumberValue(side);
        writer.WriteEndArray();
    }

    private static byte[] Written(Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
