using Sconce.Nn;
using Sconce.Tests.Weights;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>What a run left: losses and reported figures of its steps, figures of its evaluations, and everything with weights.</summary>
internal sealed record Left(List<double> Steps, List<double> Evaluations, float[] Weights);

/// <summary>Runs that are stopped at random steps, and go on.</summary>
internal static class Stops
{
    /// <summary>Holds a run in pieces against a whole one, bit for bit.</summary>
    /// <param name="make">Builds a run from a seed, which a resumed one does not depend on: its trainer, given folder and who is told of
    /// steps; its modules; what frees it.</param>
    /// <param name="seed">Of the moments.</param>
    /// <param name="most">Steps between two stops at most.</param>
    public static void Hold<TBatch>(
        Func<ulong, RunFolder?, Action<StepReport>, (Trainer<TBatch> Trainer, Module[] Modules, IDisposable Owner)> make,
        int seed, int most = 7)
    {
        using var folder = new TemporaryFolder();
        var whole = new Left([], [], []);
        Assert.True(Run(make, 1, null, int.MaxValue, ref whole));
        var parts = new Left([], [], []);
        var random = new Random(seed);
        int pieces = 0;
        for (bool finished = false; !finished; pieces++)
        {
            Assert.True(pieces < 200, "the run does not go on");
            finished = Run(make, pieces == 0 ? 1UL : 99UL, folder.Path, random.Next(1, most), ref parts);
        }

        Assert.True(pieces > 3, $"only {pieces} pieces");
        Assert.Equal(whole.Steps, parts.Steps);
        Assert.Equal(whole.Evaluations, parts.Evaluations);
        Assert.Equal(whole.Weights, parts.Weights);
    }

    private static bool Run<TBatch>(
        Func<ulong, RunFolder?, Action<StepReport>, (Trainer<TBatch> Trainer, Module[] Modules, IDisposable Owner)> make, ulong seed,
        string? place, int stopAfter, ref Left left)
    {
        using var folder = place is null ? null : RunFolder.Open(place);
        using var stop = new CancellationTokenSource();
        var steps = left.Steps;
        int done = 0;
        var (trainer, modules, owner) = make(seed, folder, report =>
        {
            steps.AddRange([report.Loss, report.Rate, .. report.Figures.Values]);
            if (++done == stopAfter) stop.Cancel();
        });
        using var _ = owner;
        TrainingResult? result = null;
        try
        {
            result = trainer.Run(cancellation: stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        float[] weights = [.. modules.SelectMany(module => module.StateDict()).SelectMany(entry => entry.Tensor.ToArray<float>())];
        left = left with
        {
            Weights = weights,
            Evaluations = [.. result?.Progress.History.SelectMany(evaluation => evaluation.Figures.Values) ?? []]
        };
        return result is not null;
    }
}

/// <summary>Frees several things in order.</summary>
internal sealed class All(params IDisposable[] parts) : IDisposable
{
    public void Dispose()
    {
        foreach (var part in parts) part.Dispose();
    }
}
