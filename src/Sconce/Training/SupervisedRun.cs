using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>
/// The frame that runs of a program share. A run opens data and networks in its constructor, gives batches and program, and says how it is
/// evaluated and looked at; the frame trains, checks and frees.
/// </summary>
/// <typeparam name="TBatch">What the source of batches gives.</typeparam>
/// <param name="setup">What the run is built from.</param>
public abstract class SupervisedRun<TBatch>(TrainingSetup setup) : TrainingRun
{
    private readonly OwnedParts owned = new();

    /// <summary>Where the networks are.</summary>
    protected Device Device { get; } = setup.RunsOn;

    /// <summary>The data to learn from.</summary>
    protected abstract IBatchSource<TBatch> Batches { get; }

    /// <summary>Who learns, and how.</summary>
    protected abstract TrainingProgram<TBatch> Program { get; }

    /// <summary>Steps of an epoch.</summary>
    protected int StepsPerEpoch => ConfiguredParts.StepsPerEpoch(Configuration, Batches.BatchesPerEpoch);

    /// <inheritdoc/>
    public sealed override TrainingResult Train(
        RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        KeepParts(folder);
        return new Trainer<TBatch>(Program, Batches, ConfiguredParts.Trainer(Configuration, Device))
        {
            Folder = folder,
            Evaluate = Evaluate,
        }.Run(progress, cancellation);
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        using var group = Batches.FirstBatches(1, cancellation);
        var batch = group.Batches[0];
        var view = View(batch);
        view.Picture.Save(picture);
        var losses = SanityCheck.Falls(Program, batch, $"the loss of {Configuration.Method}", cancellation: cancellation);
        return
        [
            new SanityFinding(view.Name, true, $"{picture}: look whether {view.Question}"),
            // One of several players need not win against the others: that all numbers are finite is what is asked then.
            Program.Players.Count > 1 ? losses with { Passed = true } : losses,
        ];
    }

    /// <summary>The figures of the networks as they are, on what was held out.</summary>
    /// <param name="cancellation">Ends it.</param>
    protected abstract FigureSet Evaluate(CancellationToken cancellation);

    /// <summary>A batch for a person's eyes.</summary>
    protected abstract BatchView View(TBatch batch);

    /// <summary>Keeps in the run's folder which data it learns from, where that is not kept yet; by default nothing.</summary>
    /// <param name="folder">The run's; null for a run in memory.</param>
    protected virtual void KeepParts(RunFolder? folder)
    {
    }

    /// <summary>Frees a part with the run, the last first.</summary>
    protected T Own<T>(T part)
        where T : IDisposable => owned.Own(part);

    /// <summary>What a constructor builds: where that fails, what the run owns already is freed.</summary>
    protected T Built<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch
        {
            Dispose(true);
            throw;
        }
    }

    /// <summary>Who learns all of a network that is not frozen, by the configured optimiser and schedule; freed with the run.</summary>
    /// <param name="name">The player's.</param>
    /// <param name="network">On its device.</param>
    protected Player Learner(string name, Module network) => Learner(
        name, network, [new ParameterGroup(network.Parameters().Where(parameter => parameter.RequiresGrad), name)]);

    /// <summary>The same of groups of parameters; groups without any are left out.</summary>
    /// <param name="name">The player's.</param>
    /// <param name="network">On its device.</param>
    /// <param name="groups">Of its parameters.</param>
    /// <param name="schedule">The configured one where left out.</param>
    protected Player Learner(string name, Module network, IEnumerable<ParameterGroup> groups, LearningRateSchedule? schedule = null)
    {
        ParameterGroup[] learning = [.. groups.Where(group => group.Parameters.Count > 0)];
        if (learning.Length == 0) throw ConfiguredParts.NothingToTrain();
        var optimizer = ConfiguredParts.Optimizer(learning, Configuration);
        schedule ??= ConfiguredParts.Schedule(Configuration, StepsPerEpoch);
        return Own(ConfiguredParts.Player(name, network, optimizer, Configuration, schedule));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => owned.Dispose();
}
