using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Cips;

/// <summary>Paints each pixel from its own coordinates: a <see cref="CipsGenerator"/>.</summary>
/// <param name="Create">Builds one that learns, or learned, from pictures of a side.</param>
/// <param name="Judge">Builds the discriminator of pictures, or patches, of a side.</param>
public sealed record PixelGenerator(Func<int, CipsGenerator> Create, Func<int, Module<Tensor, Tensor>> Judge) : Capability;

/// <summary>What a generator of single pixels learns from.</summary>
[Settings]
public sealed partial record PatchSettings
{
    /// <summary>
    /// The side of patches, a power of two, that are learned from in place of whole pictures: cut out as they are, or every second pixel,
    /// every fourth and so on, up to the whole.
    /// </summary>
    [Within(8)]
    public int? Patch { get; init; }
}

/// <summary>The settings of training single pixels.</summary>
[Settings]
public sealed partial record CipsSettings : IAdversarialSettings
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

    /// <summary>Whole pictures or patches.</summary>
    public PatchSettings Patches { get; init; } = new();

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };

    /// <inheritdoc/>
    public IAdversarialSettings With(AdversarialSettings game) => this with { Game = game };
}
