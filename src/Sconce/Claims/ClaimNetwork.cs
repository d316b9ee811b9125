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

    /// <summary>The file: <c>torch.load</c> reads it; its keys are <c>model</c>, <c>configuration</c> (a text of JSON), and
    /// <c>files</c> where it needs some.</summary>
    public byte[] Content { get; }

    /// <summary>Takes a network's weights as they are now.</summary>
    /// <param name="network">Its name in the catalogue, or among its system's networks of claims.</param>
    /// <param name="trained">The network.</param>
    /// <param name="preprocessing">How a picture becomes its input; null for the catalogue's entry's own.</param>
    /// <param name="classes">The names of its outputs; null where there are none.</param>
    /// <param name="files">What a run of it keeps in files beside its weights, by name; null where it needs none.</param>
    public static ClaimNetwork Of(
        string network, Module trained, ImagePreprocessing? preprocessing = null, IReadOnlyList<string>? classes = null,
        IReadOnlyDictionary<string, byte[]>? files = null)
    {
        ArgumentNullException.ThrowIfNull(trained);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return Of(RunCheckpoint.Model(trained), Configuration(network, preprocessing, classes), files);
    }

    /// <summary>Takes what a learner without gradients keeps.</summary>
    /// <param name="network">Its name in the catalogue.</param>
    /// <param name="learner">What is saved under <c>model</c>.</param>
    public static ClaimNetwork Of(string network, ISavedState learner)
    {
        using var scope = new TensorScope();
        return Of(RunCheckpoint.Tree(learner), Configuration(network, null, null));
    }

    /// <summary>Takes a model that is a file of its own form, which says itself what it is.</summary>
    /// <param name="content">The file.</param>
    public static ClaimNetwork OfFile(byte[] content) => new(content);

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

    /// <summary>The same with the configuration of a run that would train it.</summary>
    /// <param name="configuration">Network, method and settings.</param>
    /// <param name="method">The method.</param>
    /// <param name="trained">The network.</param>
    public static ClaimNetwork OfRun(RunConfiguration configuration, TrainingMethod method, Module trained) =>
        OfRun(RunConfigurationFile.ToJson(configuration, new MethodRegistry([method])), trained);

    /// <summary>The same of a learner without gradients.</summary>
    /// <param name="configuration">Network, method and settings.</param>
    /// <param name="method">The method.</param>
    /// <param name="learner">What is saved under <c>model</c>.</param>
    public static ClaimNetwork OfRun(RunConfiguration configuration, TrainingMethod method, ISavedState learner)
    {
        using var scope = new TensorScope();
        return Of(RunCheckpoint.Tree(learner), RunConfigurationFile.ToJson(configuration, new MethodRegistry([method])));
    }

    private static ClaimNetwork Of(object model, string configuration, IReadOnlyDictionary<string, byte[]>? files = null)
    {
        var tree = new OrderedDictionary<string, object?> { ["model"] = model, ["configuration"] = configuration };
        if (files is not null) tree[CheckpointFiles.Key] = CheckpointFiles.Tree(files);
        return new(CheckpointWriter.ToPyTorchTree(tree));
    }

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
