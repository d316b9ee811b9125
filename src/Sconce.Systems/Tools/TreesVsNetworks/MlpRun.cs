using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Tables;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>Squared error of standardised numbers, or cross-entropy of classes.</summary>
internal sealed class TabularProgram(TabularNetwork network, Player player, Tensor inputs, Tensor targets, bool isNumber)
    : LossProgram<RowBatch>(player)
{
    public override string Items => "rows";

    public override int Count(RowBatch batch) => batch.Rows.Length;

    public override Tensor Loss(RowBatch batch)
    {
        var chosen = Tensor.From(batch.Rows);
        var output = network.Call(inputs[chosen]);
        return isNumber
            ? Functional.MeanSquaredError(output.Squeeze(1), targets[chosen])
            : Functional.CrossEntropy(output, targets[chosen]);
    }
}

/// <summary>A run of <see cref="MlpMethod"/>.</summary>
internal sealed class MlpRun : ProcessorRun<RowBatch>
{
    private readonly TableData data;
    private readonly TabularNetwork network;
    private readonly Player player;
    private readonly Tensor inputs, targets;
    private readonly TableContract contract;

    private MlpRun(RunConfiguration configuration, TableData data)
        : base(configuration)
    {
        this.data = data;
        var settings = configuration.Of<MlpSettings>();
        var columns = data.Training.Columns.Select(column => column.Name).Where(name => name != data.Target.Name);
        var preparation = TablePreparation.Learn(data.Training, columns, settings.Table.Categories);
        double[] values = data.Target.Values(data.Training);
        bool isNumber = data.Target.Classes is null;
        double mean = isNumber ? values.Average() : 0;
        double deviation = isNumber ? Math.Sqrt(values.Average(value => (value - mean) * (value - mean))) : 1;
        if (!(deviation > 0)) deviation = 1; // all rows to learn from are alike, and a held-out one is not
        contract = new TableContract(data.Target, [.. preparation.Columns], mean, deviation);
        network = new TabularNetwork(preparation.Width, data.Target.Classes?.Count ?? 1);
        inputs = preparation.Input(data.Training, out _);
        targets = isNumber
            ? Tensor.From(values.Select(value => (float)((value - mean) / deviation)).ToArray())
            : Tensor.From(values.Select(value => (long)value).ToArray());
        player = ConfiguredParts.Player(
            "network", network, ConfiguredParts.Optimizer(network, "", configuration), configuration, Batches.BatchesPerEpoch);
    }

    /// <inheritdoc/>
    public override string Summary => TableRuns.Summary("a network", data);

    /// <inheritdoc/>
    protected override IBatchSource<RowBatch> Batches =>
        new RowBatches(data.Training.Rows, Configuration.Run.Batch, Configuration.Run.Seed);

    /// <inheritdoc/>
    protected override TrainingProgram<RowBatch> Program =>
        new TabularProgram(network, player, inputs, targets, data.Target.Classes is null);

    /// <inheritdoc/>
    protected override IEnumerable<IDisposable> Owned => [player, network, inputs, targets];

    public static MlpRun Open(TrainingSetup setup, MlpMethod method)
    {
        var configuration = TableRuns.Settled(setup, method, out var data);
        return new MlpRun(configuration, data);
    }

    /// <inheritdoc/>
    protected override void Begin(RunFolder folder) => contract.Save(Path.Combine(folder.Folder, TableContract.FileName));

    /// <inheritdoc/>
    protected override FigureSet Evaluate(CancellationToken cancellation)
    {
        var model = new MlpModel(network, contract); // it does not own the network
        return TableData.Figures(data.Target, data.Target.Values(data.HeldOut), model.Answer(data.HeldOut, out _));
    }
}
