using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests;

/// <summary>Runs that are stopped and go on.</summary>
internal static class ResumedRuns
{
    /// <summary>A run that was stopped after a step is, bit for bit, the one that never was: log, best and last weights, samples.</summary>
    /// <param name="root">An empty folder; <c>whole</c> is the run that never stopped.</param>
    /// <param name="open">Opens the run anew.</param>
    /// <param name="after">Steps after which it is stopped.</param>
    /// <returns>How the whole one ended.</returns>
    public static TrainingResult GoOnAlike(string root, Func<TrainingRun> open, int after)
    {
        var result = Train(Path.Combine(root, "whole"), open);
        using (var stop = new CancellationTokenSource())
        {
            using var folder = RunFolder.Open(Path.Combine(root, "stopped"));
            using var run = open();
            var steps = new Steps(done =>
            {
                if (done == after) stop.Cancel();
            });
            Assert.ThrowsAny<OperationCanceledException>(() => run.Train(folder, steps, stop.Token));
        }

        Train(Path.Combine(root, "stopped"), open);
        Assert.Equal(Log(root, "whole"), Log(root, "stopped"));
        foreach (string name in (string[])["best.ckpt", "last.ckpt"]) Assert.Equal(Weights(root, "whole", name),
            Weights(root, "stopped", name));
        string samples = Path.Combine(root, "whole", "samples");
        foreach (string sample in Directory.Exists(samples) ? Directory.GetFiles(samples) : [])
        {
            string other = Path.Combine(root, "stopped", "samples", Path.GetFileName(sample));
            Assert.Equal(File.ReadAllBytes(sample), File.ReadAllBytes(other));
        }

        return result;
    }

    /// <summary>Trains to the end in a folder.</summary>
    public static TrainingResult Train(string path, Func<TrainingRun> open)
    {
        using var folder = RunFolder.Open(path);
        using var run = open();
        return run.Train(folder);
    }

    private static List<string> Log(string root, string run) =>
    [
        .. File.ReadLines(Path.Combine(root, run, "log.jsonl")).Select(line =>
        {
            var entry = JsonNode.Parse(line)!.AsObject();
            return $"{entry["step"]} {entry["loss"]} {entry["rate"]} {entry["figures"]?.ToJsonString()} "
                + $"{entry["evaluation"]?.ToJsonString()}";
        }),
    ];

    private static List<string> Weights(string root, string run, string name)
    {
        using var checkpoint = Checkpoint.Open(Path.Combine(root, run, name));
        return
        [
            .. checkpoint.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).Select(tensor =>
            {
                using var scope = new TensorScope();
                byte[] bytes = ModelWeights.ToTensor(tensor).Contiguous().Flatten().View(DType.UInt8).ToArray<byte>();
                return $"{tensor.Name} {Convert.ToHexString(SHA256.HashData(bytes))}";
            }),
        ];
    }

    private sealed class Steps(Action<int> told) : IProgress<WorkProgress>
    {
        private int done;

        public void Report(WorkProgress value)
        {
            if (value.Stage == "training") told(++done);
        }
    }
}
