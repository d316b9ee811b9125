namespace Sconce.Training;

/// <summary>The settings of a method of pictures that has none of its own; it says what its runs begin with.</summary>
[Settings]
public sealed partial record PictureTrainingSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new();

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new();

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
