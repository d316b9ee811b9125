namespace Sconce.Training;

/// <summary>What every run has: data, length, batches, seed, threads, checkpoints.</summary>
[Settings]
public sealed partial record RunSettings
{
    /// <summary>
    /// The data: for a classifier a folder with a subfolder a class, one with train and val of such, or CIFAR's binary files.
    /// </summary>
    [FilePath]
    public string? Data { get; init; }

    /// <summary>The share of each class held out to evaluate on, where the data have no such part.</summary>
    [Within(0, 1, Above = true, Below = true)]
    public double Validation { get; init; } = 0.1;

    /// <summary>Passes over the data.</summary>
    [Within(1)]
    public int Epochs { get; init; } = 20;

    /// <summary>The length in steps, in place of epochs.</summary>
    [Within(1)]
    public long? Steps { get; init; }

    /// <summary>Items a batch.</summary>
    [Within(1)]
    public int Batch { get; init; } = 64;

    /// <summary>A checkpoint to start from; a classifier of another size is made anew.</summary>
    [FilePath]
    public string? Pretrained { get; init; }

    /// <summary>Parameters that stay as they are, by name with * and ?.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>Whether forward passes run in bfloat16 where that is safe.</summary>
    public bool Amp { get; init; }

    /// <summary>The figure that says which weights are best, such as accuracy or loss; the method's own where left out.</summary>
    [Named("watch")]
    [LeftOpen]
    public string? Watched { get; init; }

    /// <summary>Evaluations without a better one after which to stop.</summary>
    [Within(1)]
    public int? Patience { get; init; }

    /// <summary>Of initial weights, order, augmentation and dropout.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads of one operator; all cores where left out. Another number may round differently.</summary>
    [Within(1)]
    [LeftOpen]
    public int? Threads { get; init; }

    /// <summary>Threads that read data; all cores where left out. The run does not depend on it.</summary>
    [Within(1)]
    [LeftOpen]
    public int? Workers { get; init; }

    /// <summary>Leave out items that cannot be read, each with a line; else they stop the run.</summary>
    public bool SkipBroken { get; init; }

    /// <summary>Steps between checkpoints inside an epoch; five minutes where left out.</summary>
    [Within(1)]
    [LeftOpen]
    public int? SaveEvery { get; init; }
}
