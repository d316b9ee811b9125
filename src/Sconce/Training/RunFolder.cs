using System.Globalization;
using System.Text;
using Sconce.Files;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>
/// A run on disk: <c>config.json</c>, <c>log.jsonl</c>, TensorBoard's events, <c>last.ckpt</c> (everything) and <c>best.ckpt</c> (the weights to ship).
/// While it is open no other process can open it.
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
        foreach (string torn in Directory.EnumerateFiles(path, ".*.tmp")) File.Delete(torn); // what a killed process was writing
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

    internal const string ConfigurationName = "config.json", LastName = "last.ckpt", BestName = "best.ckpt", LogName = "log.jsonl";

    /// <summary>Opens a folder, made where there is none, for this process alone.</summary>
    /// <exception cref="TrainingException">Another process trains there.</exception>
    public static RunFolder Open(string path)
    {
        string folder = Path.GetFullPath(path);
        Directory.CreateDirectory(folder);
        string file = In(folder, Lock);
        FileStream locked;
        try
        {
            locked = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (File.Exists(file))
        {
            throw new TrainingException($"{path}: another process{Holder(In(folder, Owner))} trains in this folder: choose another --out, or wait until it ends", error);
        }

        try
        {
            // Beside it, since a locked file cannot be read.
            File.WriteAllText(In(folder, Owner), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
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

    /// <summary>Reads <c>last.ckpt</c> back, and cuts log and events off where it ends; a fresh start where there is none.</summary>
    internal RunProgress Resume(Module network, WeightAverage? average, Optimizer optimizer)
    {
        var progress = HasCheckpoint ? RunCheckpoint.Load(Last, network, average, optimizer) : new RunProgress();
        log = new RunLog(Log, progress.LogBytes);
        events = new TensorBoardWriter(Events, progress.EventBytes);
        return progress;
    }

    internal void Write(StepReport report)
    {
        log!.Write(report);
        events!.Scalars(report.Step, ("train/loss", report.Loss), ("train/rate", report.Rate), ("train/gradient_norm", report.GradientNorm), ("train/images_per_second", report.ExamplesPerSecond));
    }

    internal void Write(Evaluation evaluation)
    {
        log!.Write(evaluation);
        events!.Scalars(evaluation.Step, evaluation.Figures.Select(figure => ($"evaluation/{figure.Key}", figure.Value)));
    }

    /// <summary>Writes <c>last.ckpt</c>; gives the progress that it holds.</summary>
    internal RunProgress Save(Module network, WeightAverage? average, Optimizer optimizer, RunProgress progress)
    {
        var whole = progress with { LogBytes = log!.Length, EventBytes = events!.Length };
        RunCheckpoint.Save(Last, network, average, optimizer, whole, ReadConfiguration());
        return whole;
    }

    /// <summary>Writes <c>best.ckpt</c>: the weights that the network has now, with the figures beside them.</summary>
    internal void SaveBest(Module network, Evaluation evaluation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        CheckpointWriter.SavePyTorchTree(Best, new OrderedDictionary<string, object?>
        {
            ["model"] = RunCheckpoint.Model(network),
            ["epoch"] = evaluation.Epoch,
            ["step"] = evaluation.Step,
            ["figures"] = evaluation.Figures.ToDictionary(figure => figure.Key, figure => (object?)figure.Value),
            ["configuration"] = ReadConfiguration(),
        });
    }

    private string ReadConfiguration() => File.Exists(Configuration) ? File.ReadAllText(Configuration) : "{}";

    private static string In(string folder, string name) => Path.Combine(folder, name);

    /// <summary>Who holds the lock, as far as it can be read.</summary>
    private static string Holder(string file)
    {
        try
        {
            return $" (number {File.ReadAllText(file)})";
        }
        catch (IOException)
        {
            return ""; // the number is only a kindness: the error is about the lock
        }
    }
}
