namespace Sconce.Training;

/// <summary>The losses of two players that settings name.</summary>
public enum AdversarialLoss
{
    /// <summary>Logistic, with a generator that raises the chance that a fake is taken as real.</summary>
    Logistic,

    /// <summary>Hinge losses.</summary>
    Hinge,

    /// <summary>Squared distances to 0 and 1.</summary>
    LeastSquares,
}

/// <summary>How a generator and a discriminator play against each other; what is left open depends on the network.</summary>
[Settings]
public sealed partial record AdversarialSettings
{
    /// <summary>What both players see of pictures, in order and with commas: color, translation, cutout; or none.</summary>
    [LeftOpen]
    public string? Augment { get; init; }

    /// <summary>The chance of each of these changes for each picture. Below 1, such as 0.8, pictures are seen unchanged too, and holes have
    /// no reason to turn up in what is painted.</summary>
    [Within(0, 1, Above = true)]
    public double AugmentShare { get; init; } = 1;

    /// <summary>
    /// Change pictures with a probability that follows the discriminator: it rises while more than this share of real pictures is taken as
    /// real for certain, such as 0.6. Else each is changed with a fixed chance.
    /// </summary>
    [Within(0, 1, Above = true, Below = true)]
    public double? AdaptTo { get; init; }

    /// <summary>Real pictures over which that probability can go from 0 to 1.</summary>
    [Within(1)]
    public double AdaptOver { get; init; } = 500_000;

    /// <summary>The losses of both.</summary>
    public AdversarialLoss Loss { get; init; }

    /// <summary>The discriminator's rate; the generator's where left out.</summary>
    [Within(0, Above = true)]
    [LeftOpen]
    public double? DiscriminatorRate { get; init; }

    /// <summary>Steps of the discriminator for each of the generator: 5 in SNGAN.</summary>
    [Within(1)]
    public int GeneratorEvery { get; init; } = 1;

    /// <summary>The weight of the penalty on the discriminator's gradient by real pictures; else 10 for networks with styles, 0 for
    /// others.</summary>
    [Within(0)]
    [LeftOpen]
    public double? R1 { get; init; }

    /// <summary>Steps between two such penalties.</summary>
    [Within(1)]
    public int R1Every { get; init; } = 16;

    /// <summary>The weight of the penalty on uneven steps in styles; else 2 for networks with styles.</summary>
    [Within(0)]
    [LeftOpen]
    public double? PathLength { get; init; }

    /// <summary>Steps between two such penalties.</summary>
    [Within(1)]
    public int PathEvery { get; init; } = 4;

    /// <summary>The share of batches that are painted from two styles, in networks with styles.</summary>
    [Within(0, 1)]
    public double StyleMixing { get; init; } = 0.9;

    /// <summary>What Adam keeps of the mean gradient; else 0 for networks with styles, 0.5 for others.</summary>
    [Within(0, 1, Below = true)]
    [LeftOpen]
    public double? Beta1 { get; init; }

    /// <summary>What Adam keeps of the mean square; else 0.99 for networks with styles, 0.999 for others.</summary>
    [Within(0, 1, Below = true)]
    [LeftOpen]
    public double? Beta2 { get; init; }

    /// <summary>Whether half of the pictures are mirrored.</summary>
    public bool Mirror { get; init; } = true;

    /// <summary>Passes over the pictures that count as one epoch; else as many as show 1,000 of them.</summary>
    [Within(1)]
    [LeftOpen]
    public int? Passes { get; init; }

    /// <summary>Pictures that are painted for each evaluation.</summary>
    [Within(2, 1_000_000)]
    public int Judged { get; init; } = 1000;

    /// <summary>A checkpoint of the network whose features the distance to the data is measured in; else fixed random
    /// convolutions.</summary>
    [FilePath]
    public string? Features { get; init; }

    /// <summary>Which classifier of the catalogue that checkpoint is of.</summary>
    public string FeatureNetwork { get; init; } = "resnet50";
}

/// <summary>What methods with two players have.</summary>
public interface IAdversarialSettings : IPictureSettings
{
    /// <summary>The game.</summary>
    AdversarialSettings Game { get; }

    /// <summary>The same with another game.</summary>
    IAdversarialSettings With(AdversarialSettings game);
}

/// <summary>The settings of a method with two players, and nothing else.</summary>
[Settings]
public sealed partial record AdversarialTrainingSettings : IAdversarialSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Batch = 16 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } =
        new() { Optimizer = OptimizerKind.Adam, Schedule = ScheduleKind.Constant, Averaging = Averaging.Exponential };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>The game.</summary>
    public AdversarialSettings Game { get; init; } = new();

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };

    /// <inheritdoc/>
    public IAdversarialSettings With(AdversarialSettings game) => this with { Game = game };
}
