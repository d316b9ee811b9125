using Sconce.Training;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>How style and structure reach the generator.</summary>
public enum ScreenReward
{
    /// <summary>As the paper intends: each screen's style and structure are part of its tokens' reward, less the batch's mean.</summary>
    Shaped,

    /// <summary>
    /// As the released code has it: they are constants beside the policy gradient, and move their own coefficients alone.
    /// </summary>
    Official,
}

/// <summary>How screens are learned.</summary>
[Settings]
public sealed partial record GuiganSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Batch = 32, Epochs = 20 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 5e-3,
        WeightDecay = 0,
        WarmUpEpochs = 0,
        Schedule = ScheduleKind.Constant,
    };

    /// <summary>Tokens of a screen; the longest real one's where left out, 30 at most.</summary>
    [Within(2, 1000)]
    [LeftOpen]
    public int? Length { get; init; }

    /// <summary>Steps in which the generator learns to write real screens, before there is a game.</summary>
    [Within(0)]
    public int Beginning { get; init; } = 120;

    /// <summary>Steps in which the judge then learns alone.</summary>
    [Within(0)]
    public int JudgeFirst { get; init; } = 50;

    /// <summary>The judge's steps for each of the generator's.</summary>
    [Within(1, 1000)]
    public int JudgeSteps { get; init; } = 2;

    /// <summary>The judge's rate.</summary>
    [Within(0, Above = true)]
    public double JudgeRate { get; init; } = 1e-3;

    /// <summary>Completions of each beginning of a screen, by whose judgement its tokens are rewarded.</summary>
    [Within(1, 1000)]
    public int Rollouts { get; init; } = 16;

    /// <summary>How style and structure reach the generator.</summary>
    public ScreenReward Reward { get; init; }

    /// <summary>What style counts in the reward.</summary>
    [Within(0)]
    public double Style { get; init; } = 1;

    /// <summary>What structure counts in the reward.</summary>
    [Within(0)]
    public double Structure { get; init; } = 1;

    /// <summary>Screens that are drawn by a grammar where no data are named.</summary>
    [Within(2, 100_000)]
    public int Made { get; init; } = 300;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}
