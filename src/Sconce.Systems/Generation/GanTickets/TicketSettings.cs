using Sconce.Training;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary>The weights to which a ticket is wound back after each round.</summary>
public enum RewindTo
{
    /// <summary>Those that the run began with.</summary>
    Init,

    /// <summary>Those after the first epoch of the first round (1903.01611).</summary>
    Early,

    /// <summary>Newly drawn ones: what is left of the ticket is its masks.</summary>
    Random,
}

/// <summary>How a ticket is sought and trained.</summary>
[Settings]
public sealed partial record TicketRules
{
    /// <summary>Rounds of the search: train, let the smallest weights fall, wind back.</summary>
    [Within(0, 100)]
    public int Rounds { get; init; } = 4;

    /// <summary>Epochs of each round; those that remain of the run train the ticket.</summary>
    [Within(1)]
    public int RoundEpochs { get; init; } = 10;

    /// <summary>The share of the convolutions' weights still left that falls in each round.</summary>
    [Within(0, 1, Above = true, Below = true)]
    public double Prune { get; init; } = 0.2;

    /// <summary>The weights that a ticket begins with.</summary>
    public RewindTo Rewind { get; init; }

    /// <summary>Whether the discriminator keeps all of its weights.</summary>
    public bool GeneratorOnly { get; init; }

    /// <summary>
    /// How far features are moved by the discriminator's gradient while the ticket is trained (AdvAug); 0 for not at all; else 0.01 where
    /// both networks can be stopped at a feature.
    /// </summary>
    [Named("advaug")]
    [Within(0)]
    [LeftOpen]
    public double? Distance { get; init; }

    /// <summary>Steps in which they are moved.</summary>
    [Named("advaugSteps")]
    [Within(1, 100)]
    public int Moves { get; init; } = 1;
}

/// <summary>The settings of ticket training; the game is the paper's SNGAN.</summary>
[Settings]
public sealed partial record TicketSettings : IAdversarialSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Batch = 16, Epochs = 80 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } =
        new() { Optimizer = OptimizerKind.Adam, Schedule = ScheduleKind.Constant, Averaging = Averaging.Exponential };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>The game.</summary>
    public AdversarialSettings Game { get; init; } = new() { Loss = AdversarialLoss.Hinge, GeneratorEvery = 5 };

    /// <summary>The search.</summary>
    public TicketRules Ticket { get; init; } = new();

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };

    /// <inheritdoc/>
    public IAdversarialSettings With(AdversarialSettings game) => this with { Game = game };
}
