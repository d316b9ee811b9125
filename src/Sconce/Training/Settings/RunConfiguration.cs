namespace Sconce.Training;

/// <summary>
/// Everything that decides a run: <c>config.json</c> in its folder. What is left open is settled by the method from the network and the
/// data before the run begins, so that a saved one has nothing open.
/// </summary>
/// <param name="Network">A network of the catalogue, such as <c>resnet20</c>.</param>
/// <param name="Method">How it is trained: <c>classifier</c>, or a system's method such as <c>gradaug</c>.</param>
/// <param name="Settings">The method's.</param>
public sealed record RunConfiguration(string Network, string Method, ITrainingSettings Settings)
{
    /// <summary>The classes' names, in the order of the outputs; null: as the data have them, or there are none.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>What every run has.</summary>
    public RunSettings Run => Settings.Run;

    /// <summary>How weights are changed.</summary>
    public OptimizationSettings Optimization => Settings.Optimization;

    /// <summary>The pictures' side in pixels; null where it is left open, or the method takes no pictures.</summary>
    public int? ImageSize => (Settings as IPictureSettings)?.Pictures.ImageSize;

    /// <summary>The data's place; empty where none was named.</summary>
    public string Data => Run.Data ?? "";

    /// <summary>A method's own settings.</summary>
    /// <exception cref="ArgumentException">The configuration is of another method.</exception>
    public T Of<T>()
        where T : class, ITrainingSettings =>
        Settings as T ?? throw new ArgumentException($"the settings of {Method} are no {typeof(T).Name}");

    /// <summary>The same with another group.</summary>
    public RunConfiguration With(RunSettings run) => this with { Settings = Settings.With(run, Optimization) };

    /// <summary>The same with another group.</summary>
    public RunConfiguration With(OptimizationSettings optimization) => this with { Settings = Settings.With(Run, optimization) };

    /// <summary>The same with pictures of a side, where the method takes pictures.</summary>
    public RunConfiguration WithImageSize(int? side) =>
        Settings is IPictureSettings pictures ? this with { Settings = pictures.With(pictures.Pictures with { ImageSize = side }) } : this;
}
