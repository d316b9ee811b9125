using Sconce.Data;
using Sconce.Metrics;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>
/// A run on the processor whose data lie in memory or are made as they are needed: tables, series, graphs, simulators. Whoever derives
/// gives batches, program and figures; how it is trained, looked at and freed is here.
/// </summary>
/// <typeparam name="TBatch">What the source gives.</typeparam>
/// <param name="configuration">Settled: see <see cref="ProcessorRuns.Settle"/>. Its threads and seed are in force from here on.</param>
public abstract class ProcessorRun<TBatch>(RunConfiguration configuration) : TrainingRun
{
    private const int StepsOfCheck = 50;

    /// <inheritdoc/>
    public sealed override RunConfiguration Configuration { get; } = ProcessorRuns.Begun(configuration);

    /// <summary>The data, from their beginning.</summary>
    protected abstract IBatchSource<TBatch> Batches { get; }

    /// <summary>What one step is, from its beginning.</summary>
    protected abstract TrainingProgram<TBatch> Program { get; }

    /// <summary>What is freed with the run.</summary>
    protected abstract IEnumerable<IDisposable> Owned { get; }

    /// <inheritdoc/>
    public override TrainingResult Train(
        RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (folder is not null) Begin(folder);
        var trainer = new Trainer<TBatch>(Program, Batches, ConfiguredParts.Trainer(Configuration, Device.Cpu))
        {
            Folder = folder,
            Evaluate = Evaluate,
        };
        return trainer.Run(progress, cancellation);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        List<double> losses = [];
        var options = ConfiguredParts.Trainer(Configuration, Device.Cpu) with { Epochs = 1, Steps = StepsOfCheck };
        new Trainer<TBatch>(Program, Batches, options) { Stepped = report => losses.Add(report.Loss) }.Run(null, cancellation);
        string said = FormattableString.Invariant($"loss {losses[0]:G3} to {losses[^1]:G3}");
        return [new SanityFinding("first steps", losses.TrueForAll(double.IsFinite), said)];
    }

    /// <summary>The figures of the weights as they are, on what is held out.</summary>
    protected abstract FigureSet Evaluate(CancellationToken cancellation);

    /// <summary>Before the first step: writes what the network needs beside its weights. By default nothing.</summary>
    /// <param name="folder">The run's.</param>
    protected virtual void Begin(RunFolder folder)
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var owned in Owned) owned.Dispose();
    }
}

/// <summary>What runs on the processor settle alike.</summary>
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

    /// <summary>Gives libtorch the run's threads and seed.</summary>
    public static RunConfiguration Begun(RunConfiguration configuration)
    {
        ConfiguredParts.UseThreads(configuration);
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        return configuration;
    }
}
