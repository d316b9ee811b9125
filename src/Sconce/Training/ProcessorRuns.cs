using Sconce.Torch;

namespace Sconce.Training;

/// <summary>
/// What runs on the processor settle alike, whose data lie in memory or are made as they are needed: tables, series, graphs, simulators.
/// </summary>
public static class ProcessorRuns
{
    /// <summary>
    /// The configuration with nothing open: places absolute, the figure to watch, rate, decay and warm-up as the method's settings begin,
    /// threads.
    /// </summary>
    /// <param name="setup">As it was asked.</param>
    /// <param name="method">Whose settings they are.</param>
    /// <param name="figures">What evaluations give, the one to be watched first.</param>
    /// <exception cref="UsageException">A setting is out of its range, or another device was asked for.</exception>
    public static RunConfiguration Settle(TrainingSetup setup, TrainingMethod method, IReadOnlyList<string> figures)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var configuration = setup.Configuration;
        method.Settings.Verified(configuration.Settings);
        if (setup.Device is { Type: not DeviceType.Cpu }) throw new UsageException($"{method.Name} learns on the processor");
        configuration = configuration with
        {
            Network = setup.Models.Get(configuration.Network).Name,
            Method = method.Name,
        };
        var (run, optimization) = (configuration.Run, configuration.Optimization);
        return configuration
            .With(run with
            {
                Data = configuration.Data.Length > 0 ? Path.GetFullPath(configuration.Data) : run.Data,
                Pretrained = run.Pretrained is { } weights ? Path.GetFullPath(weights) : null,
                Watched = WatchedFigure.Settle(run.Watched, figures[0], figures),
                Threads = run.Threads ?? TorchRuntime.Threads,
                Workers = run.Workers ?? Environment.ProcessorCount,
            })
            .With(optimization with
            {
                LearningRate = optimization.LearningRate ?? method.Start().Optimization.LearningRate ?? 1e-3,
                WeightDecay = optimization.WeightDecay ?? 0,
                WarmUpEpochs = optimization.WarmUpEpochs ?? 0,
            });
    }

    /// <summary>The place of the data.</summary>
    /// <param name="configuration">The run's.</param>
    /// <param name="what">Such as "a table of edges".</param>
    /// <exception cref="SettingsException">None was named.</exception>
    public static string DataOf(RunConfiguration configuration, string what)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        return configuration.Data.Length > 0
            ? configuration.Data
            : throw new SettingsException("data", called => $"which data? Name {what} with {called}");
    }

    /// <summary>Gives libtorch the run's threads and seed, when the data are open and the networks are about to be built.</summary>
    public static RunConfiguration Begun(RunConfiguration configuration)
    {
        ConfiguredParts.UseThreads(configuration);
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        return configuration;
    }
}
