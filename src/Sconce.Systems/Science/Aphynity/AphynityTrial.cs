using System.Globalization;
using Sconce.Maths;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>One forecaster learns from stretches of pendulums' trajectories, as the claim has it.</summary>
/// <param name="Steps">Of the optimiser.</param>
/// <param name="Batch">Stretches a step.</param>
internal sealed record AphynityTrial(int Steps, int Batch = 64)
{
    private const double NetworkRate = 2e-3, LawRate = 1e-2, LastRate = 1e-5, Growth = 20;
    private const int Inner = 5; // steps between two growths of the multiplier

    /// <summary>Trains, and gives each step's loss of trajectories.</summary>
    /// <param name="forecaster">With a law, a correction, or both.</param>
    /// <param name="windows">The stretches, <c>(N, 2, length)</c>.</param>
    /// <param name="leastCorrection">
    /// Whether the correction is held as small as the fit allows: APHYNITY; else the fit alone counts.
    /// </param>
    /// <param name="seed">Of the order.</param>
    /// <param name="name">For progress.</param>
    /// <param name="progress">Told every fifty steps.</param>
    /// <param name="cancellation">Ends the run between two steps.</param>
    internal IReadOnlyList<double> Train(
        Forecaster forecaster, Tensor windows, bool leastCorrection, int seed, string name, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        var optimizers = Optimizers(forecaster);
        var loss = new AphynityLoss(1, Growth, CorrectionNorm.Relative);
        var solver = new ThreeEighthsSolver();
        double[] times = PendulumTrajectories.Times((int)windows.Size(2));
        var order = new Random(seed);
        var losses = new List<double>(Steps);
        for (int step = 0; step < Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            long[] rows = [.. Enumerable.Range(0, Batch).Select(_ => order.NextInt64(windows.Size(0)))];
            var states = windows.IndexSelect(0, Tensor.From(rows));
            var trajectories = AphynityLoss.Trajectories(forecaster.Forecast(states.Select(2, 0), times, solver), states);
            var total = leastCorrection ? loss.Total(trajectories, forecaster.Corrected(states), states) : trajectories;
            foreach (var (optimizer, _) in optimizers) optimizer.ZeroGrad();
            total.Backward();
            foreach (var (optimizer, schedule) in optimizers)
            {
                schedule.Apply(optimizer, step);
                optimizer.Step();
            }

            losses.Add(trajectories.Item<double>());
            if (step % Inner == Inner - 1) loss.Grow(losses[^1]);
            if (step % 50 == 0) progress?.Report(new WorkProgress(name, step, Steps, Said(losses[^1])));
        }

        foreach (var (optimizer, _) in optimizers) optimizer.Dispose();
        return losses;
    }

    private List<(Adam Optimizer, LearningRateSchedule Schedule)> Optimizers(Forecaster forecaster)
    {
        var optimizers = new List<(Adam, LearningRateSchedule)>();
        foreach (var (part, rate) in ((Module?, double)[])[(forecaster.Law, LawRate), (forecaster.Correction, NetworkRate)])
        {
            if (part is null) continue;
            optimizers.Add((new Adam(part.Parameters(), rate), LearningRateSchedule.Cosine(rate, Steps, LastRate)));
        }

        return optimizers;
    }

    private static string Said(double loss) => string.Create(CultureInfo.InvariantCulture, $"loss {loss:G3}");
}
