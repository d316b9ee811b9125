using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Abilities;
using Sconce.Files;
using Sconce.Tables;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>Answers rows of tables.</summary>
/// <param name="ByTrees">Whether trees do, else a network.</param>
public sealed record TablePredictor(bool ByTrees) : Capability;

/// <summary>What learnt from a table and answers rows of others.</summary>
internal abstract class TableModel : IDisposable
{
    /// <summary>How columns become features.</summary>
    public abstract TablePreparation Preparation { get; }

    /// <summary>What is answered.</summary>
    public abstract TableTarget Target { get; }

    /// <summary>A number a row, or the classes' probabilities row by row.</summary>
    public abstract double[] Answer(Table table, out IReadOnlyList<PreparationNote> notes);

    /// <summary>What each column did, where the model says it.</summary>
    public virtual IReadOnlyList<FeatureImportance> Importance => [];

    /// <summary>What a run left.</summary>
    /// <exception cref="UsageException">There is no run: a table's model is nothing without the columns it learnt from.</exception>
    public static TableModel Open(TrainedNetwork network)
    {
        if (network.Configuration is not { } configuration)
            throw new UsageException($"{network.Variant.Name} answers nothing before it has learnt from a table: name the folder of a run");
        return configuration.Method == TreesMethod.MethodName ? TreesModel.Read(network.Weights) : MlpModel.Read(network.Weights);
    }

    public virtual void Dispose()
    {
    }
}

/// <summary>Trees in a run's checkpoint.</summary>
internal sealed class TreesModel(TreeModel model) : TableModel, ISavedState
{
    private const string Key = "trees";
    private TreeModel model = model;

    public override TablePreparation Preparation => model.Preparation;

    public override TableTarget Target => model.Target;

    public override IReadOnlyList<FeatureImportance> Importance => model.Ensemble.Importance();

    public override double[] Answer(Table table, out IReadOnlyList<PreparationNote> notes) => model.Answer(table, out notes);

    public void Save(SavedState state) => state.Set(Key, (ReadOnlySpan<byte>)TreeModelFile.Bytes(model));

    public void Load(SavedState state) => model = TreeModelFile.Of(state.Bytes(Key), "the checkpoint");

    /// <summary>The trees of a checkpoint.</summary>
    public static TreesModel Read(string path) => new(TreeModelFile.Of(TableContract.BytesOf(path, Key), path));
}

/// <summary>A network with the preparation that it learnt with.</summary>
internal sealed class MlpModel(TabularNetwork network, TableContract contract) : TableModel
{
    public override TablePreparation Preparation { get; } = new(contract.Columns);

    public override TableTarget Target => contract.Target;

    public override double[] Answer(Table table, out IReadOnlyList<PreparationNote> notes)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var output = network.Call(Preparation.Input(table, out notes)).To(DType.Float64);
        return Target.Classes is null
            ? [.. output.Squeeze(1).ToArray<double>().Select(value => (value * contract.Deviation) + contract.Mean)]
            : output.Softmax(-1).ToArray<double>();
    }

    public override void Dispose()
    {
        network.Dispose();
        base.Dispose();
    }

    /// <summary>The network of a run, whose contract lies beside it.</summary>
    public static MlpModel Read(string path)
    {
        var contract = TableContract.Read(Path.Combine(Path.GetDirectoryName(path) ?? "", TableContract.FileName));
        var network = new TabularNetwork(new TablePreparation(contract.Columns).Width, contract.Target.Classes?.Count ?? 1);
        ModelWeights.Load(network, path);
        network.Eval();
        return new MlpModel(network, contract);
    }
}

/// <summary>What a network needs besides its weights to answer rows.</summary>
/// <param name="Target">What is answered.</param>
/// <param name="Columns">How columns become its input.</param>
/// <param name="Mean">Of the target's numbers; 0 for classes.</param>
/// <param name="Deviation">Of the target's numbers; 1 for classes.</param>
internal sealed record TableContract(TableTarget Target, IReadOnlyList<PreparedColumn> Columns, double Mean, double Deviation)
{
    public const string FileName = "table.json";

    public void Save(string path) =>
        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, TableContractJson.Default.TableContract));

    /// <exception cref="TableException">It is missing or damaged.</exception>
    public static TableContract Read(string path)
    {
        try
        {
            var read = JsonSerializer.Deserialize(RegularFile.ReadAllText(path), TableContractJson.Default.TableContract);
            bool isGood = read is not null && double.IsFinite(read.Mean) && double.IsFinite(read.Deviation) && read.Deviation > 0
                && (read.Target.Classes is null || read.Target.Classes.Count > 1);
            _ = new TablePreparation(read!.Columns);
            return isGood ? read : throw new TableException(path, "it is no description of a table's columns, or a damaged one");
        }
        catch (Exception fault) when (fault is JsonException or IOException or ArgumentException or NullReferenceException)
        {
            throw new TableException(path, $"the description of the table's columns cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>Bytes that a learner kept in a checkpoint.</summary>
    /// <exception cref="TableException">They are not there.</exception>
    public static byte[] BytesOf(string path, string key)
    {
        using var checkpoint = Checkpoint.Open(path, new CheckpointOptions { Wrapper = null, StripPrefix = "" });
        var root = checkpoint.Root as CheckpointDictionary;
        if (root?["model"] is CheckpointDictionary model && model[key] is CheckpointTensor { DType: DType.UInt8 } bytes)
            return bytes.ToArray<byte>();
        throw new TableException(path, $"it holds no {key}: it is of another method");
    }
}

/// <summary>Reading and writing without reflection.</summary>
[JsonSourceGenerationOptions(
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TableContract))]
internal sealed partial class TableContractJson : JsonSerializerContext;
