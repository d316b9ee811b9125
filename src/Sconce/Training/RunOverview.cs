using Sconce.Weights;

namespace Sconce.Training;

/// <summary>What a run's folder says of the run, without a look at its weights.</summary>
/// <param name="Configuration">What it was configured with.</param>
/// <param name="Method">How it learns.</param>
/// <param name="Progress">How far it came; null before the first checkpoint.</param>
public sealed record RunOverview(RunConfiguration Configuration, TrainingMethod Method, RunProgress? Progress)
{
    /// <summary>Settings that are not what a run of the method begins with, as they would be typed.</summary>
    public IReadOnlyList<(string Name, string Value)> Changed =>
        [.. Method.Settings.Differences(Method.Settings.Start, Configuration.Settings).Select(setting => (setting.Name, setting.Second))];

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="methods">Where its method is found.</param>
    /// <exception cref="UsageException">Its configuration is missing or damaged.</exception>
    /// <exception cref="CheckpointException">Its last checkpoint is damaged.</exception>
    public static RunOverview Read(string folder, MethodRegistry methods)
    {
        var configuration = RunConfigurationFile.Read(Path.Combine(folder, RunFolder.ConfigurationName), methods);
        return Read(folder, configuration, methods.Get(configuration.Method));
    }

    /// <summary>Reads a folder whose configuration is known.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="configuration">What it was configured with.</param>
    /// <param name="method">How it learns.</param>
    /// <exception cref="CheckpointException">Its last checkpoint is damaged.</exception>
    public static RunOverview Read(string folder, RunConfiguration configuration, TrainingMethod method)
    {
        string last = Path.Combine(folder, RunFolder.LastName);
        var progress = File.Exists(last) ? RunCheckpoint.Peek(last).Progress : null;
        return new RunOverview(configuration, method, progress);
    }
}
