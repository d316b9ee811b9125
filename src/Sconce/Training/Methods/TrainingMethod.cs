using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>
/// A way of training that a system brings: <c>sconce train NETWORK --method NAME</c>. It says what can be set, builds a run from a
/// configuration, and answers for the network afterwards. What the trainer gives (resuming, checkpoints, logs, progress) comes by itself. A
/// system's entry in the catalogue lists its methods.
/// </summary>
public abstract class TrainingMethod
{
    /// <summary>As it is typed: <c>gradaug</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One line: what it does with which data.</summary>
    public abstract string Purpose { get; }

    /// <summary>What can be set of its runs.</summary>
    public abstract MethodSettings Settings { get; }

    /// <summary>Lines to type behind the command, each with what it does: the network, then settings. The first stands for the method
    /// where all are shown.</summary>
    public virtual IReadOnlyList<(string Line, string Meaning)> Examples => [];

    /// <summary>What a run begins with where nothing is asked; what is open is settled later.</summary>
    /// <param name="network">Which network.</param>
    public RunConfiguration Start(string network = "") => new(network, Name, Settings.Start);

    /// <summary>Whether a network is trained by this method where none is named: those that nothing else can train.</summary>
    public virtual bool IsDefaultFor(ModelVariant variant) => false;

    /// <summary>The network that is trained where another is asked for: a slimmable twin, say. By default the same.</summary>
    /// <exception cref="UsageException">The method cannot train it.</exception>
    public virtual ModelVariant StandIn(ModelVariant variant) => variant;

    /// <summary>Opens the data and builds the network; nothing is written into the run's folder but what can be made again.</summary>
    /// <exception cref="UsageException">A setting means nothing, or the network cannot be trained so.</exception>
    /// <exception cref="DataException">The data cannot be used.</exception>
    public abstract TrainingRun Open(TrainingSetup setup);

    /// <summary>What <c>sconce eval RUN</c> does: the figures of the weights on the run's held-out part, or on other data.</summary>
    /// <param name="network">The trained network.</param>
    /// <param name="data">Other data than the run's own; null for those.</param>
    /// <param name="batch">Items a batch.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UsageException">There is nothing to evaluate.</exception>
    public virtual EvaluationReport Evaluate(TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress,
        CancellationToken cancellation) =>
        throw new UsageException($"{network.Variant.Name}, trained by the method {Name}, cannot be evaluated");

    /// <summary>What <c>sconce eval RUN --attack</c> does: the figures of the weights on pictures, and on the same under attack.</summary>
    /// <param name="network">The trained network.</param>
    /// <param name="attack">Which.</param>
    /// <param name="data">Other data than the run's own; null for those.</param>
    /// <param name="batch">Items a batch.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UsageException">It is no classifier of pictures.</exception>
    public virtual EvaluationReport EvaluateAttacked(
        TrainedNetwork network, PictureAttack attack, string? data, int batch, IProgress<WorkProgress>? progress,
        CancellationToken cancellation) =>
        throw new UsageException($"{network.Variant.Name}, trained by the method {Name}, cannot be attacked: classifiers of pictures can");

    /// <summary>What <c>sconce show RUN</c> says of a run of this method beside what it says of all; by default nothing.</summary>
    /// <param name="folder">The run's.</param>
    /// <exception cref="IOException">Its checkpoint cannot be read.</exception>
    public virtual IReadOnlyList<(string Name, string Value)> Facts(string folder) => [];

    /// <summary>Whether an evaluation says more than the figures of each epoch, so that a run's report wants one at its end.</summary>
    public virtual bool HasDetail => false;

    /// <summary>Whether what it trained does what the network's system does, by verb; by default all of it.</summary>
    public virtual bool Answers(Verb verb) => true;

    /// <summary>What a person who asks for a verb that it does not answer should know, a sentence; null for nothing.</summary>
    public virtual string? Advice(Verb verb) => null;

    /// <summary>What <c>sconce features RUN</c> runs: <c>(N, 3, H, W) -> (N, width)</c>.</summary>
    /// <exception cref="UsageException">It has no features.</exception>
    public virtual Module<Tensor, Tensor> CreateFeatures(TrainedNetwork network) =>
        throw new UsageException($"{network.Variant.Name}, trained by the method {Name}, has no features of whole pictures");
}

/// <summary>What a method builds a run from.</summary>
/// <param name="Configuration">As it was asked: what is null is to be settled by the method.</param>
/// <param name="Models">Where networks are found.</param>
/// <param name="Methods">Where methods are found, for a teacher's run say.</param>
public sealed record TrainingSetup(RunConfiguration Configuration, ModelRegistry Models, MethodRegistry Methods)
{
    /// <summary>Where the network trains; null for the best device there is.</summary>
    public Device? Device { get; init; }

    /// <summary>The device itself.</summary>
    public Device RunsOn => Device ?? TorchRuntime.BestDevice;

    /// <summary>The run's folder, for what is made once and kept beside the run; null for a run in memory.</summary>
    public string? Folder { get; init; }

    /// <summary>Whether a run that goes on learns from a person's decisions that came after it began.</summary>
    public bool TakesDecisions { get; init; }

    /// <summary>Told of items that are left out.</summary>
    public Action<ItemFault>? Fault { get; init; }

    /// <summary>Told what a person should know of the data, a sentence each.</summary>
    public Action<string>? Remark { get; init; }

    /// <summary>The parts that a run which goes on has kept in its folder; null for a new run.</summary>
    public KeptParts? Kept => Folder is not null && File.Exists(Path.Combine(Folder, RunFolder.ConfigurationName)) ? KeptParts.Read(Folder)
        : null;

    /// <summary>Passes remarks on.</summary>
    public void Tell(IEnumerable<string> remarks)
    {
        foreach (string remark in remarks) Remark?.Invoke(remark);
        if (Kept is null && Folder is not null && File.Exists(Path.Combine(Folder, RunFolder.LastName)))
            Remark?.Invoke($"{Folder}: the run kept no list of its parts; they are drawn anew, which is right only if no file was added "
                + "to the data or taken away");
    }

    /// <summary>Told how far a long preparation has come.</summary>
    public IProgress<WorkProgress>? Progress { get; init; }

    /// <summary>Ends a long preparation.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <summary>A configuration brought to life: data, network, optimiser, schedule. It can be trained, or only looked at.</summary>
public abstract class TrainingRun : IDisposable
{
    /// <summary>The configuration with nothing open, which is saved with the run.</summary>
    public abstract RunConfiguration Configuration { get; }

    /// <summary>What is trained on what, in a line: <c>resnet18, 900 pictures to learn from and 100 to be asked about, 4
    /// classes</c>.</summary>
    public abstract string Summary { get; }

    /// <summary>Trains, or goes on training.</summary>
    /// <param name="folder">Where the run is kept; null for a run in memory.</param>
    /// <param name="progress">See <see cref="Trainer{TBatch}.Run"/>.</param>
    /// <param name="cancellation">Stops between two steps, after a checkpoint.</param>
    public abstract TrainingResult Train(RunFolder? folder, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default);

    /// <summary>Looks at data, loss and learning for seconds; the network is of no use afterwards.</summary>
    /// <param name="picture">Where a batch as the network sees it is written, a PNG.</param>
    /// <param name="cancellation">Ends it.</param>
    public abstract IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees network and optimiser.</summary>
    /// <param name="disposing">Always true.</param>
    protected abstract void Dispose(bool disposing);
}

/// <summary>A network with weights: a run's best, or a catalogue's network with a checkpoint.</summary>
/// <param name="Variant">The catalogue's entry.</param>
/// <param name="Weights">The checkpoint.</param>
/// <param name="Size">The pictures' side; null for the official one.</param>
/// <param name="Classes">The classes' names; null where only their number is known, or there are none.</param>
public sealed record TrainedNetwork(ModelVariant Variant, string Weights, int? Size, IReadOnlyList<string>? Classes)
{
    /// <summary>What its run was configured with; null without a run.</summary>
    public RunConfiguration? Configuration { get; init; }

    /// <summary>Its run's folder; null without a run.</summary>
    public string? Run { get; init; }

    /// <summary>Where it is asked; null for the best device there is.</summary>
    public Device? Device { get; init; }

    /// <summary>The device itself.</summary>
    public Device RunsOn => Device ?? TorchRuntime.BestDevice;

    /// <summary>The parts that its run has kept; null where it keeps none.</summary>
    public KeptParts? Kept => KeptParts.Read(Run);

    /// <summary>Whether asking about a folder is asking about the data of its run, of which only what was held out tells
    /// something.</summary>
    /// <param name="data">The folder; null for the run's.</param>
    public bool IsOwn(string? data) =>
        Configuration is { } own && (data is null || (own.Data.Length > 0 && Whole(data) == Whole(own.Data)));

    /// <summary>How pictures are prepared for it.</summary>
    /// <exception cref="UsageException">It takes no pictures.</exception>
    public ImagePreprocessing Preprocessing => ClassifierNetwork.Preprocessing(Variant, Size);

    private static string Whole(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}

/// <summary>What an evaluation gave.</summary>
/// <param name="Data">Where the data are.</param>
/// <param name="Count">Items that were asked about.</param>
/// <param name="Figures">By name: accuracy, loss, …</param>
public sealed record EvaluationReport(string Data, long Count, IReadOnlyDictionary<string, double> Figures)
{
    /// <summary>What was counted, in the plural.</summary>
    public string Items { get; init; } = "pictures";

    /// <summary>What a person should know of the data, a sentence each.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>The names of the columns of <see cref="Rows"/>.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    /// <summary>A row a class, say; none for none.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<double> Values)> Rows { get; init; } = [];

    /// <summary>What else is known of a classifier; null for others.</summary>
    public ClassifierDetail? Classifier { get; init; }

    /// <summary>A classifier's.</summary>
    public static EvaluationReport Of(string data, ClassificationMetrics metrics, IReadOnlyList<string> classes) =>
        new(data, metrics.Count, metrics.Figures())
        {
            Columns = ["pictures", "recall", "precision", "F1"],
            Rows =
            [.. classes.Select((name, c) =>
                (name, (IReadOnlyList<double>)[metrics.Confusion.Labelled(c), metrics.Confusion.Recall(c), metrics.Confusion.Precision(c),
                    metrics.Confusion.F1(c)]))],
        };
}
