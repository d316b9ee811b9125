using Sconce.Training;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>How nodes' classes are learnt; what is left open is as each network's paper has it.</summary>
[Settings]
public sealed partial record NodeSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 200, Batch = 512, Validation = 0.2 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        WeightDecay = 5e-4,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <summary>The table of nodes: a column of their names, one of classes, and the others as features.</summary>
    [FilePath]
    public string? Nodes { get; init; }

    /// <summary>The column of classes in it; a blank is a node whose class is not known.</summary>
    public string Label { get; init; } = "label";

    /// <summary>Width between the layers, of each head; else 16, for attention 8.</summary>
    [Within(1, 65_536)]
    [LeftOpen]
    public int? Hidden { get; init; }

    /// <summary>Heads of attention.</summary>
    [Within(1, 1024)]
    public int Heads { get; init; } = 8;

    /// <summary>The rate of dropout; else 0.5, for attention 0.6.</summary>
    [Within(0, 1, Below = true)]
    [LeftOpen]
    public double? Dropout { get; init; }

    /// <summary>
    /// Neighbours that a node sees in training, nearest hop first, such as 25,10, in batches: for graphs whose features exceed the memory.
    /// Else all, and the whole graph is one step.
    /// </summary>
    [Within(1, 1_000_000)]
    public IReadOnlyList<int>? Neighbours { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}

/// <summary>How recommendations are learnt.</summary>
[Settings]
public sealed partial record RecommenderSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 50, Batch = 2048, Validation = 0.2 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 1e-3,
        WeightDecay = 0,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <summary>Numbers of an embedding.</summary>
    [Within(1, 4096)]
    public int Width { get; init; } = 64;

    /// <summary>Smoothings over who took what; 0 is plain matrix factorisation.</summary>
    [Within(0, 16)]
    public int Layers { get; init; } = 3;

    /// <summary>The weight of the rows' squared lengths.</summary>
    [Within(0)]
    public double Regularization { get; init; } = 1e-4;

    /// <summary>K of recall and NDCG.</summary>
    [Within(1, 10_000)]
    public int At { get; init; } = 20;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}

/// <summary>How embeddings of nodes are learnt from edges alone.</summary>
[Settings]
public sealed partial record NodeEmbeddingSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 10, Batch = 64, Validation = 0.1 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 0.005,
        WeightDecay = 0,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <summary>Numbers of an embedding; fewer where the graph has fewer nodes.</summary>
    [Within(1, 4096)]
    public int Width { get; init; } = 128;

    /// <summary>Steps of a walk between two nodes that see each other.</summary>
    [Within(1, 100)]
    public int Window { get; init; } = 10;

    /// <summary>Negative samples of each pair in walks, 5 where left out; b of the closed form, which begins with 1.</summary>
    [Within(1, 100)]
    [LeftOpen]
    public int? Negatives { get; init; }

    /// <summary>Nodes of a walk. Each epoch walks once from every node.</summary>
    [Within(2, 10_000)]
    public int WalkLength { get; init; } = 40;

    /// <summary>Eigenvalues that the closed form keeps of a graph whose square does not fit into memory.</summary>
    [Within(1, 4096)]
    public int Rank { get; init; } = 256;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}
