using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Tests.Training;

/// <summary>Numbers with labels in memory, in an order of the epoch's own.</summary>
internal sealed class PlainBatches(int batches, int size, double fault = 0, (int Epoch, int Batch)? faultAt = null)
    : IBatchSource<ImageBatch>
{
    public int BatchesPerEpoch => batches;

    public async IAsyncEnumerable<ImageBatch> Epoch(int epoch, int first = 0, [System.Runtime.CompilerServices.EnumeratorCancellation]
        CancellationToken cancellationToken = default)
    {
        for (int batch = first; batch < batches; batch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield(); // another thread, as a loader's
            yield return Make(epoch, batch);
        }
    }

    private ImageBatch Make(int epoch, int batch)
    {
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)((epoch * 1000) + batch));
        var numbers = Tensor.Randn([size, 3, 4, 4], generator);
        var labels = numbers.Mean([1L, 2, 3]).Gt(0).To(DType.Int64);
        if (faultAt == (epoch, batch)) numbers[1].FillInPlace(fault);
        return new ImageBatch(scope.KeepForever(numbers), scope.KeepForever(labels), null, [.. Enumerable.Range(0, size)],
            [.. Enumerable.Range(0, size).Select(k => $"item-{epoch}-{batch}-{k}")]);
    }
}

/// <summary>A small network with batch norms and dropout, made from a seed, and what trains it.</summary>
internal sealed class PlainRun : IDisposable
{
    public PlainRun(ulong seed = 1, int width = 8)
    {
        TorchRuntime.ManualSeed(seed);
        Network = new Sequential
        {
            ["conv"] = new Conv2d(3, width, 3, 1, 1),
            ["norm"] = new BatchNorm2d(width),
            ["act"] = new Relu(),
            ["drop"] = new Dropout(0.3),
            ["pool"] = new GlobalAvgPool2d(),
            ["head"] = new Linear(width, 2),
        };
        Optimizer = new Sgd(Network.Parameters(), 0.1, 0.9);
    }

    public Sequential Network { get; }

    public Optimizer Optimizer { get; set; }

    public PlainBatches Batches { get; init; } = new(6, 8);

    public List<double> Losses { get; } = [];

    /// <summary>What it has learned by: a player, and with it a program.</summary>
    public ClassifierProgram Program(LearningRateSchedule schedule, WeightAveraging? average = null) =>
        new(Network, new Player("classifier", Network, Optimizer, schedule) { Average = average ?? WeightAveraging.None },
            new LabelLoss(2));

    public Trainer<ImageBatch> Trainer(TrainerOptions options, RunFolder? folder = null, LearningRateSchedule? schedule = null,
        WeightAveraging? average = null) =>
        new(Program(schedule ?? LearningRateSchedule.Cosine(0.1, 6 * options.Epochs), average), Batches, options)
        {
            Folder = folder,
            Stepped = report => Losses.Add(report.Loss),
            Evaluate = cancellation => ClassifierEvaluation.Run(Network, new PlainBatches(2, 16), 2, cancellation: cancellation).Figures(),
        };

    public float[] Weight(string name) => Network.StateDict().Single(entry => entry.Name == name).Tensor.ToArray<float>();

    public void Dispose()
    {
        Optimizer.Dispose();
        Network.Dispose();
    }
}
