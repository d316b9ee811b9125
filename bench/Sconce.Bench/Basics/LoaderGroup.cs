using System.Diagnostics;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Tests.Common;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Bench.Basics;

/// <summary>Photographs to normalised batches: decode, random resized crop to 224, flip, normalise.</summary>
internal sealed class LoaderGroup : BenchGroup
{
    private const int Copies = 12;
    private const int Batch = 32;

    internal override string Name => "loader";

    internal override string About => "photographs decoded, cropped and normalised, against torchvision's transforms and PyTorch's loader";

    internal override void Measure(BenchTable table)
    {
        if (Photographs() is not { } photographs)
            throw new InvalidOperationException("name a folder of JPEG files in SCONCE_BENCH_PHOTOGRAPHS");
        string expected = table.File("loader.npy");
        BenchTable.Own(Name, "prepare", photographs, expected);
        foreach (string workers in (string[])["1", "2"])
            table.Row($"loader, {workers} worker{(workers == "1" ? "" : "s")}, an image", () => BenchTable.Own(Name, photographs, workers),
                () => BenchTable.Peer("peer.py", Name, photographs, workers, $"{Copies}", expected));
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", var photographs, var expected] => Prepare(photographs, expected),
        [var photographs, var workers] => Run(photographs, int.Parse(workers)),
        _ => throw Unknown(task),
    };

    /// <summary>The photographs to try with: SCONCE_BENCH_PHOTOGRAPHS, or the kangaroos of a folder 'shared' above; null where there are
    /// none.</summary>
    internal static string? Photographs() => Environment.GetEnvironmentVariable("SCONCE_BENCH_PHOTOGRAPHS") is { Length: > 0 } named
        ? named : SharedFiles.Find("data/kangaroo/images");

    /// <summary>Writes the first batch as evaluation sees it, for the other side to compare with its own.</summary>
    private static Measured Prepare(string folder, string expected)
    {
        var loader = ImageLoader.Create(Files(folder, 1), ImagePreprocessing.ImageNet(224),
            new DataLoaderOptions { BatchSize = Batch, Threads = 1 });
        using var group = loader.FirstBatches(1);
        var batch = group.Batches[0];
        NpyWriter.Save(expected, TensorData.Of("", DType.Float32, batch.Images.Shape, batch.Images.ToArray<float>()));
        return new Measured { Seconds = 1e-9 };
    }

    private static Measured Run(string folder, int threads)
    {
        var loader = ImageLoader.Create(
            Files(folder, Copies),
            [new RandomResizedCrop(224), new RandomHorizontalFlip()],
            new DataLoaderOptions { BatchSize = Batch, Threads = threads, Shuffle = true });
        double best = double.PositiveInfinity;
        for (int epoch = 0; epoch < 3; epoch++)
        {
            long start = Stopwatch.GetTimestamp();
            int count = 0;
            foreach (var batch in loader.Epoch(epoch).ToBlockingEnumerable())
            {
                count += batch.Count;
                batch.Dispose();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds / count);
        }

        return new Measured { Seconds = best };
    }

    private static IDataset<ImageExample> Files(string folder, int copies)
    {
        string[] files = [.. Directory.GetFiles(folder, "*.jpg").Order(StringComparer.Ordinal)];
        return Datasets.InMemory(files).Map(path => new ImageExample(Image.Load(path)) { Label = 0, Name = path }).Repeat(copies);
    }
}
