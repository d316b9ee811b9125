using Sconce.Abilities;
using Sconce.Data;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>What trees and networks of tables have in common: the same preparation, figures and questions.</summary>
public abstract class TableMethod : TrainingMethod
{
    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Predict;

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var model = TableModel.Open(network);
        var configuration = network.Configuration!;
        var settings = (ITabularSettings)configuration.Settings;
        bool isOwn = network.IsOwn(data);
        var table = isOwn
            ? TableData.Open(configuration, settings, cancellation).HeldOut
            : TableData.Read(data!, settings.Table, cancellation);
        double[] answers = model.Answer(table, out var notes);
        var figures = TableData.Figures(model.Target, model.Target.Values(table), answers);
        return new EvaluationReport(isOwn ? configuration.Data : data!, table.Rows, figures)
        {
            Items = "rows",
            Remarks = [.. notes.Select(TablePredictSession.Remark)],
            Columns = model.Importance.Count > 0 ? ["importance", "splits"] : [],
            Rows = [.. model.Importance.Take(40).Select(one => (one.Feature, (IReadOnlyList<double>)[one.Gain, one.Splits]))],
        };
    }
}

/// <summary>Gradient-boosted trees learn a table.</summary>
public sealed class TreesMethod : TableMethod
{
    internal const string MethodName = "trees";

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Purpose =>
        "gradient-boosted trees learn a column of a table (CSV, Parquet) from the others; blanks and categories are taken as they are";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<TreesSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("trees --data houses.csv --target price --out run9", "a column of a table, from the others"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Find<TablePredictor>() is { ByTrees: true };

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => TreesRun.Open(setup, this);
}

/// <summary>A network learns a table.</summary>
public sealed class MlpMethod : TableMethod
{
    /// <inheritdoc/>
    public override string Name => "mlp";

    /// <inheritdoc/>
    public override string Purpose => "a network of two hidden layers learns a column of a table, on the same preparation as trees";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<MlpSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("mlp --data houses.csv --target price --out run10", "the same table by a network")];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Find<TablePredictor>() is { ByTrees: false };

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => MlpRun.Plan(setup, this, owned));
}

/// <summary>Trees are grown in one go: a run that was stopped grows them again, and they are the same.</summary>
internal sealed class TreesRun : FittedRun
{
    private readonly TableData data;
    private readonly TreesSettings settings;

    private TreesRun(RunConfiguration configuration, TableData data)
        : base(configuration) => (this.data, settings) = (data, configuration.Of<TreesSettings>());

    /// <inheritdoc/>
    public override string Summary => TableRuns.Summary("trees", data);

    internal static TreesRun Open(TrainingSetup setup, TreesMethod method)
    {
        var configuration = TableRuns.Settled(setup, method, out var data);
        return new TreesRun(configuration, data);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        var few = settings.Grown() with { Rounds = Math.Min(20, settings.Rounds) };
        var trees = TreeModel.Train(data.Training, data.Target, few, null, settings.Table.Categories, null, cancellation);
        var figure = TableData.Figures(data.Target, data.Target.Values(data.HeldOut), trees.Answer(data.HeldOut, out _)).All[0];
        string said = FormattableString.Invariant($"{few.Rounds} of them: {figure.Name} {figure.Value:0.000}");
        return [new SanityFinding("a few trees", double.IsFinite(figure.Value), said)];
    }

    /// <inheritdoc/>
    protected override FittedLearner Fit(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        long rounds = 0;
        var told = new Relay(report =>
        {
            rounds = report.Done;
            progress?.Report(report);
        });
        var trees = new TreesModel(TreeModel.Train(
            data.Training, data.Target, settings.Grown(), data.HeldOut, settings.Table.Categories, told, cancellation));
        var figures = TableData.Figures(data.Target, data.Target.Values(data.HeldOut), trees.Answer(data.HeldOut, out _));
        return new FittedLearner(trees, figures, data.Training.Rows, rounds, rounds < settings.Rounds);
    }

    private sealed class Relay(Action<WorkProgress> told) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => told(value);
    }
}

/// <summary>What both runs do first.</summary>
internal static class TableRuns
{
    /// <summary>The configuration with nothing open, and the table.</summary>
    public static RunConfiguration Settled(TrainingSetup setup, TableMethod method, out TableData data)
    {
        var configuration = setup.Configuration;
        method.Settings.Verified(configuration.Settings);
        var variant = setup.Models.Get(configuration.Network);
        if (!variant.Has<TablePredictor>())
            throw new UsageException($"{variant.Name} reads no tables, and {method.Name} learns from those");
        if (setup.Device is { Type: not Torch.DeviceType.Cpu }) throw new UsageException($"{method.Name} learns on the processor");
        data = TableData.Open(configuration, (ITabularSettings)configuration.Settings, setup.Cancellation);
        configuration = configuration with { Network = variant.Name, Method = method.Name, Classes = data.Target.Classes };
        return configuration.With(configuration.Run with
        {
            Data = Path.GetFullPath(configuration.Data),
            Watched = TableData.Watched(data.Target, configuration.Run.Watched),
            Threads = configuration.Run.Threads ?? Torch.TorchRuntime.Threads,
            Workers = configuration.Run.Workers ?? Environment.ProcessorCount,
        });
    }

    /// <summary>What is trained on what.</summary>
    public static string Summary(string who, TableData data) =>
        $"{who}, {data.Training.Rows:N0} rows to learn from and {data.HeldOut.Rows:N0} to be asked about, " +
        $"'{data.Target.Name}' from {data.Training.Columns.Count - 1} columns" +
        (data.Target.Classes is { } classes ? $", {classes.Count} classes" : "");
}
