using Sconce.Training;

namespace Sconce.Systems.Generation.Osgan;

/// <summary>The games that are played in one stage.</summary>
public enum OneStageGame
{
    /// <summary>The generator's loss is the discriminator's over fakes, negated (saturating): any discriminator will do.</summary>
    Symmetric,

    /// <summary>The generator has a loss of its own, <c>--loss</c>; the discriminator must judge each fake by itself.</summary>
    Asymmetric,

    /// <summary>Wasserstein's: differences of means, the discriminator's weights cut off at ±0.01; any discriminator will do.</summary>
    Wgan,
}

/// <summary>What one-stage training adds.</summary>
[Settings]
public sealed partial record OneStageSettings
{
    /// <summary>Which game is played; asymmetric where the discriminator permits it, else symmetric.</summary>
    [Named("game")]
    [LeftOpen]
    public OneStageGame? Kind { get; init; }
}

/// <summary>The settings of one-stage training.</summary>
[Settings]
public sealed partial record OsganSettings : IAdversarialSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Batch = 128 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } =
        new() { Optimizer = OptimizerKind.Adam, Schedule = ScheduleKind.Constant, Averaging = Averaging.Exponential };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>The game.</summary>
    public AdversarialSettings Game { get; init; } = new();

    /// <summary>How it is played.</summary>
    public OneStageSettings OneStage { get; init; } = new();

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };

    /// <inheritdoc/>
    public IAdversarialSettings With(AdversarialSettings game) => this with { Game = game };
}
