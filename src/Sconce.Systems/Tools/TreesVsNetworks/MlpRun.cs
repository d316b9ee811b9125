using Sconce.Data;
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

/// <summary>What a run of <see cref="MlpMethod"/> is made of.</summary>
internal static class MlpRun
{
    internal static RunPlan<RowBatch> Plan(TrainingSetup setup, MlpMethod method, OwnedParts owned)
    {
        var configuration = ProcessorRuns.Begun(TableRuns.Settled(setup, method, out var data));
        var settings = configuration.Of<MlpSettings>();
        var target = data.Target;
        var columns = data.Training.Columns.Select(column => column.Name).Where(name => name != target.Name);
        var preparation = TablePreparation.Learn(data.Training, columns, settings.Table.Categories);
        double[] values = target.Values(data.Training);
        bool isNumber = target.Classes is null;
        double mean = isNumber ? values.Average() : 0;
        double deviation = isNumber ? Math.Sqrt(values.Average(value => (value - mean) * (value - mean))) : 1;
        if (!(deviation > 0)) deviation = 1; // all rows to learn from are alike, and a held-out one is not
        var contract = new TableContract(target, [.. preparation.Columns], mean, deviation);
        var network = owned.Own(new TabularNetwork(preparation.Width, target.Classes?.Count ?? 1));
        var inputs = owned.Own(preparation.Input(data.Training, out _));
        var targets = owned.Own(isNumber
            ? Tensor.From(values.Select(value => (float)((value - mean) / deviation)).ToArray())
            : Tensor.From(values.Select(value => (long)value).ToArray()));
        var batches = new RowBatches(data.Training.Rows, configuration.Run.Batch, configuration.Run.Seed);
        var optimizer = ConfiguredParts.Optimizer(network, "", configuration);
        var player = owned.Own(ConfiguredParts.Player("network", network, optimizer, configuration, batches.BatchesPerEpoch));
        var model = new MlpModel(network, contract); // it does not own the network
        return new RunPlan<RowBatch>(configuration, new TabularProgram(network, player, inputs, targets, isNumber), batches)
        {
            Summary = TableRuns.Summary("a network", data),
            Evaluate = _ => TableData.Figures(target, target.Values(data.HeldOut), model.Answer(data.HeldOut, out var _)),
            Keep = run =>
            {
                if (run is not null) contract.Save(Path.Combine(run.Folder, TableContract.FileName));
            },
            ChecksFirstSteps = true,
        };
    }
}
