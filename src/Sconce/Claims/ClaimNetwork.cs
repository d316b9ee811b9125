using System.Buffers;
using System.Text;
using System.Text.Json;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Claims;

/// <summary>
/// A network that a claim trained, as the checkpoint that is kept beside the report. It says which network it is, its classes and how
/// pictures are prepared for it, so that whoever opens the file needs nothing else.
/// </summary>
public sealed class ClaimNetwork
{
    private ClaimNetwork(byte[] content) => Content = content;

    /// <summary>The file: <c>torch.load</c> reads it; its keys are <c>model</c> and <c>configuration</c>, a text of JSON.</summary>
    public byte[] Content { get; }

    /// <summary>Takes a network's weights as they are now.</summary>
    /// <param name="network">Its name in the catalogue, or among its system's networks of claims.</param>
    /// <param name="trained">The network.</param>
    /// <param name="preprocessing">How a picture becomes its input; null for the catalogue's entry's own.</param>
    /// <param name="classes">The names of its outputs; null where there are none.</param>
    public static ClaimNetwork Of(
        string network, Module trained, ImagePreprocessing? preprocessing = null, IReadOnlyList<string>? classes = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return Of(RunCheckpoint.Model(trained), Configuration(network, preprocessing, classes));
    }

    /// <summary>Takes what a learner without gradients keeps.</summary>
    /// <param name="network">Its name in the catalogue.</param>
    /// <param name="learner">What is saved under <c>model</c>.</param>
    public static ClaimNetwork Of(string network, ISavedState learner)
    {
        using var scope = new TensorScope();
        return Of(RunCheckpoint.Tree(learner), Configuration(network, null, null));
    }

    /// <summary>Takes the weights of a network that was trained by a method, with what it was configured with.</summary>
    /// <param name="configuration">As the run's <c>config.json</c> has it.</param>
    /// <param name="trained">The network.</param>
    public static ClaimNetwork OfRun(string configuration, Module trained)
    {
        ArgumentNullException.ThrowIfNull(trained);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return Of(RunCheckpoint.Model(trained), configuration);
    }

    private static ClaimNetwork Of(object model, string configuration) => new(CheckpointWriter.ToPyTorchTree(
        new OrderedDictionary<string, object?> { ["model"] = model, ["configuration"] = configuration }));

    private static string Configuration(string network, ImagePreprocessing? preprocessing, IReadOnlyList<string>? classes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("network", network);
            if (classes is not null) Array("classes", classes, json.WriteStringValue);
            if (preprocessing is { } prepared)
            {
                json.WriteNumber("size", prepared.Size);
                json.WriteStartObject("preprocessing");
                json.WriteNumber("size", prepared.Size);
                Array("mean", prepared.Mean, json.WriteNumberValue);
                Array("std", prepared.Std, json.WriteNumberValue);
                json.WriteEndObject();
            }

            json.WriteEndObject();

            void Array<T>(string name, IReadOnlyList<T> values, Action<T> write)
            {
                json.WriteStartArray(name);
                foreach (var value in values) write(value);
                json.WriteEndArray();
            }
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
