using Sconce.Training;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>What is looked at, how much of it is kept, and where the line lies.</summary>
[Settings]
public sealed partial record AnomalySettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 1, Batch = 8 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new();

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>Features.</summary>
    public BackboneSettings Backbone { get; init; } = new();

    /// <summary>Patches and lines.</summary>
    public NormalitySettings Normality { get; init; } = new();

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}

/// <summary>The network whose features are looked at.</summary>
[Settings]
public sealed partial record BackboneSettings
{
    /// <summary>
    /// A classifier of the catalogue or one of torchvision's residual networks; wide_resnet50_2 for PatchCore and resnet18 for PaDiM
    /// where left out.
    /// </summary>
    [LeftOpen]
    public string? Backbone { get; init; }

    /// <summary>
    /// Its checkpoint; without one its weights are random, with statistics of the good parts, which finds coarse defects.
    /// </summary>
    [FilePath]
    public string? BackboneWeights { get; init; }

    /// <summary>The modules whose maps are looked at, the finest first; the papers' where left out.</summary>
    public IReadOnlyList<string> Layers { get; init; } = [];

    /// <summary>The share of a picture's side that is seen; 0.875 is the papers', 1 sees the edges too.</summary>
    [Within(0, 1, Above = true)]
    public double Crop { get; init; } = 1;
}

/// <summary>What is kept of good parts, and from where on a part is bad.</summary>
[Settings]
public sealed partial record NormalitySettings
{
    /// <summary>PatchCore's share of patches that are kept.</summary>
    [Within(0, 1, Above = true)]
    public double Coreset { get; init; } = 0.1;

    /// <summary>Patches that are kept at most, however many pictures there are.</summary>
    [Within(1)]
    public int MostPatches { get; init; } = 20_000;

    /// <summary>PatchCore's neighbours in the weighting of a score; 1 for none.</summary>
    [Within(1)]
    public int Neighbours { get; init; } = 9;

    /// <summary>PaDiM's channels that are kept, drawn by the seed; 100 of resnet18 and 550 of others where left out.</summary>
    [Within(1)]
    [LeftOpen]
    public int? Channels { get; init; }

    /// <summary>The blur of the map, in pixels.</summary>
    [Within(0, 100, Above = true)]
    public double Sigma { get; init; } = 4;

    /// <summary>The share of held-out good parts that lies below the threshold, where no defects are there to set it by.</summary>
    [Within(0, 1, Above = true)]
    public double Quantile { get; init; } = 0.99;
}
