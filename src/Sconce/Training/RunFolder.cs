using System.Text;
using Sconce.Files;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>
/// A run on disk: <c>config.json</c>, <c>log.jsonl</c>, TensorBoard's events, <c>last.ckpt</c> (everything) and <c>best.ckpt</c> (the
/// weights to ship). While it is open no other process can open it.
/// </summary>
public sealed class RunFolder : IDisposable
{
    private const string Lock = ".lock", Owner = ".owner";
    private readonly FileStream locked;
    private RunLog? log;
    private TensorBoardWriter? events;

    private RunFolder(string path, FileStream locked)
    {
        (Folder, this.locked) = (path, locked);
        RunFiles.DeleteTorn(path);
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The resolved configuration.</summary>
    public string Configuration => In(Folder, ConfigurationName);

    /// <summary>Everything, to go on from.</summary>
    public string Last => In(Folder, LastName);

    /// <summary>The best weights so far: the average where one is kept.</summary>
    public string Best => In(Folder, BestName);

    /// <summary>A JSON object a line: steps and evaluations.</summary>
    public string Log => In(Folder, LogName);

    /// <summary>TensorBoard's events.</summary>
    public string Events => In(Folder, TensorBoardWriter.FileName);

    /// <summary>Whether there is something to go on from.</summary>
    public bool HasCheckpoint => File.Exists(Last);

    /// <summary>The name of the best weights in a run's folder.</summary>
    public const string BestName = "best.ckpt";

    internal const string ConfigurationName = "config.json", LastName = "last.ckpt", LogName = "log.jsonl";

    /// <summary>Opens a folder, made where there is none, for this process alone.</summary>
    /// <exception cref="TrainingException">Another process trains there, or one of a run's files is a link, a pipe or a device
    /// there.</exception>
    public static RunFolder Open(string path)
    {
        string folder = Path.GetFullPath(path);
        Directory.CreateDirectory(folder);
        RunFiles.Check(folder, [Lock, Owner, ConfigurationName, LastName, BestName, LogName, TensorBoardWriter.FileName, "check.png"]);
        string file = In(folder, Lock);
        FileStream locked;
        try
        {
            locked = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(file))
        {
            throw new TrainingException(
                $"{path}: another process{Holder(In(folder, Owner))} trains in this folder: choose another, or wait until it ends", error)
            {
                Remedy = Remedy.OtherFolder,
            };
        }

        try
        {
            // Beside it, since a locked file cannot be read.
            RunFiles.WriteOwner(In(folder, Owner));
            return new RunFolder(folder, locked);
        }
        catch
        {
            locked.Dispose();
            throw;
        }
    }

    /// <summary>Writes <c>config.json</c>, whole or not at all.</summary>
    public void WriteConfiguration(string json) => AtomicFile.Write(Configuration, Encoding.UTF8.GetBytes(json));

    /// <inheritdoc/>
    public void Dispose()
    {
        log?.Dispose();
        events?.Dispose();
        File.Delete(In(Folder, Owner));
        locked.Dispose();
    }

    /// <summary>
    /// Reads <c>last.ckpt</c> back into a learner without gradients, and cuts log and events off where it ends; a fresh start where there
    /// is none.
    /// </summary>
    /// <param name="learner">What was saved.</param>
    /// <returns>Where the run stands.</returns>
    /// <exception cref="CheckpointException">The file is damaged, or of another learner.</exception>
    public RunProgress Resume(ISavedState learner) => Resume(RunContents.Of(learner));

    /// <summary>Writes <c>last.ckpt</c> for a learner without gradients.</summary>
    /// <param name="learner">What is saved.</param>
    /// <param name="progress">Where the run stands.</param>
    /// <returns>The progress that the file holds, to go on with.</returns>
    public RunProgress Save(ISavedState learner, RunProgress progress) => Save(RunContents.Of(learner), progress);

    /// <summary>Writes <c>best.ckpt</c> for a learner without gradients, with the figures beside it.</summary>
    /// <param name="learner">What is shipped; it lies under <c>model</c>.</param>
    /// <param name="evaluation">Its figures.</param>
    public void SaveBest(ISavedState learner, Evaluation evaluation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        SaveBest(RunCheckpoint.Tree(learner), evaluation);
    }

    /// <summary>Writes a line of the log, and TensorBoard's events. The run was resumed, or begun, before.</summary>
    public void Write(StepReport report)
    {
        log!.Write(report);
        events!.Scalars(
            report.Step,
            [
                ("train/loss", report.Loss), ("train/rate", report.Rate), ("train/gradient_norm", report.GradientNorm),
                ("train/images_per_second", report.ExamplesPerSecond),
                .. report.Figures.Select(figure => ($"train/{figure.Key}", figure.Value)),
            ]);
    }

    /// <summary>Told of each evaluation as it comes, when the log has it.</summary>
    public Action<Evaluation>? Evaluated { get; set; }

    /// <summary>Writes an evaluation's line of the log, and its events.</summary>
    public void Write(Evaluation evaluation)
    {
        log!.Write(evaluation);
        events!.Scalars(evaluation.Step, evaluation.Figures.Select(figure => ($"evaluation/{figure.Key}", figure.Value)));
        Evaluated?.Invoke(evaluation);
    }

    /// <summary>Reads <c>last.ckpt</c> back, and cuts log and events off where it ends; a fresh start where there is none.</summary>
    internal RunProgress Resume(RunContents contents)
    {
        var progress = HasCheckpoint ? RunCheckpoint.Load(Last, contents) : new RunProgress();
        CheckLength(Log, progress.LogBytes);
        CheckLength(Events, progress.EventBytes);
        log = new RunLog(Log, progress.LogBytes);
        events = new TensorBoardWriter(Events, progress.EventBytes);
        return progress;
    }

    /// <summary>Writes <c>last.ckpt</c>; gives the progress that it holds.</summary>
    internal RunProgress Save(RunContents contents, RunProgress progress)
    {
        // With the disk before the checkpoint that counts them: after a power failure the lengths must hold.
        log!.FlushToDisk();
        events!.FlushToDisk();
        var whole = progress with { LogBytes = log!.Length, EventBytes = events!.Length };
        RunCheckpoint.Save(Last, contents, whole, ReadConfiguration());
        return whole;
    }

    /// <summary>Writes <c>best.ckpt</c>: the weights that the network has now, with the figures beside them.</summary>
    internal void SaveBest(Module network, Evaluation evaluation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        SaveBest(RunCheckpoint.Model(network), evaluation);
    }

    private void SaveBest(object model, Evaluation evaluation) =>
        CheckpointWriter.SavePyTorchTree(Best, new OrderedDictionary<string, object?>
        {
            ["model"] = model,
            ["epoch"] = evaluation.Epoch,
            ["step"] = evaluation.Step,
            ["figures"] = evaluation.Figures.ToDictionary(figure => figure.Key, figure => (object?)figure.Value),
            ["configuration"] = ReadConfiguration(),
        });

    private string ReadConfiguration() => File.Exists(Configuration) ? RegularFile.ReadAllText(Configuration) : "{}";

    /// <summary>A file that only grows, of which the checkpoint has counted so much, before anything is cut off.</summary>
    private void CheckLength(string file, long counted)
    {
        long there = File.Exists(file) ? new FileInfo(file).Length : 0;
        if (there >= counted) return;
        throw new CheckpointException(
            Last,
            $"it counts {counted} bytes of {Path.GetFileName(file)}, which has {there}: one of the two is damaged or of another run. " +
            "Put the file back, or train into another folder.");
    }

    private static string In(string folder, string name) => Path.Combine(folder, name);

    /// <summary>Who holds the lock, as far as it can be read.</summary>
    private static string Holder(string file)
    {
        try
        {
            return $" (number {RegularFile.ReadAllText(file)})";
        }
        catch (IOException)
        {
            return ""; // the number is only a kindness: the error is about the lock
        }
    }
}
