using Sconce.Training;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>What a table's columns are.</summary>
[Settings]
public sealed partial record TableSettings
{
    /// <summary>The column that is to be answered.</summary>
    public string? Target { get; init; }

    /// <summary>Columns of numbers that are categories: postcodes, say. Texts always are.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>Columns that are left out: a row's number, and whatever is not known yet when answers are wanted.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Whether a target of numbers names classes.</summary>
    public bool AsClasses { get; init; }
}

/// <summary>How trees are grown.</summary>
[Settings]
public sealed partial record TreesSettings : ITabularSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Validation = 0.2, Epochs = 1 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new();

    /// <inheritdoc/>
    public TableSettings Table { get; init; } = new();

    /// <summary>Trees at most, a class each where there are more than two; fewer where the held-out loss rises.</summary>
    [Within(1, 100_000)]
    public int Rounds { get; init; } = 500;

    /// <summary>Leaves of a tree at most.</summary>
    [Within(2, 65_536)]
    public int Leaves { get; init; } = 31;

    /// <summary>Rows of a leaf at least.</summary>
    [Within(1)]
    public int LeafRows { get; init; } = 20;

    /// <summary>λ, which draws leaves' values to 0.</summary>
    [Within(0)]
    public double L2 { get; init; }

    /// <summary>Bins of a column of numbers.</summary>
    [Within(2, 255)]
    public int Bins { get; init; } = 255;

    /// <summary>The share of columns that a tree may use.</summary>
    [Within(0, 1, Above = true)]
    public double ColumnShare { get; init; } = 1;

    /// <summary>The share of rows that a tree sees.</summary>
    [Within(0, 1, Above = true)]
    public double RowShare { get; init; } = 1;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <summary>For the algorithm.</summary>
    internal TreeSettings Grown() => new()
    {
        Rounds = Rounds,
        LearningRate = Optimization.LearningRate ?? 0.1,
        Leaves = Leaves,
        MinSamplesLeaf = LeafRows,
        L2 = L2,
        MaxBins = Bins,
        FeatureFraction = ColumnShare,
        RowFraction = RowShare,
        Patience = Run.Patience ?? 20,
        Seed = unchecked((int)Run.Seed),
        Threads = Run.Threads ?? 0,
    };
}

/// <summary>How a network learns a table.</summary>
[Settings]
public sealed partial record MlpSettings : ITabularSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Validation = 0.2, Epochs = 60, Batch = 64 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 1e-3,
        WeightDecay = 1e-2,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <inheritdoc/>
    public TableSettings Table { get; init; } = new();

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}

/// <summary>The settings of a method of tables.</summary>
public interface ITabularSettings : ITrainingSettings
{
    /// <summary>What the columns are.</summary>
    TableSettings Table { get; }
}
