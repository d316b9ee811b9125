using Sconce.Torch;

namespace Sconce.Maths;

/// <summary>
/// Explicit steps of a given size; without one, each stretch between two times is one step. Where a time falls between steps, the state is
/// interpolated linearly, as torchdiffeq does.
/// </summary>
/// <param name="stepSize">More than 0, in the unit of the times; null for one step a stretch.</param>
public abstract class FixedStepSolver(double? stepSize) : OdeSolver
{
    private readonly double? stepSize = stepSize is null or (> 0 and < double.PositiveInfinity)
        ? stepSize : throw new ArgumentOutOfRangeException(nameof(stepSize), stepSize, "a step is more than 0");

    /// <summary>The state after one step; products are added in one operator each.</summary>
    /// <param name="derivative">The right-hand side.</param>
    /// <param name="time">Where the step begins.</param>
    /// <param name="step">How long it is.</param>
    /// <param name="state">The state there.</param>
    private protected abstract Tensor Next(OdeDerivative derivative, double time, double step, Tensor state);

    private protected override IReadOnlyList<Tensor> Integrate(OdeDerivative derivative, Tensor start, double[] times)
    {
        double[] grid = Grid(times);
        var states = new List<Tensor>(times.Length) { start };
        var state = start;
        for (int k = 1; k < grid.Length; k++)
        {
            using var scope = new TensorScope();
            double time = grid[k - 1], step = grid[k] - time;
            var next = Next(derivative, time, step, state);
            while (states.Count < times.Length && grid[k] >= times[states.Count])
            {
                double share = (times[states.Count] - time) / step;
                states.Add(scope.Keep(share >= 1 ? next : state + ((next - state) * share)));
            }

            state = scope.Keep(next);
        }

        return states;
    }

    private double[] Grid(double[] times)
    {
        if (stepSize is not { } step) return times;
        double count = Math.Ceiling(((times[^1] - times[0]) / step) + 1);
        if (count > 100_000_000) throw new OdeException($"steps of {step} from {times[0]} to {times[^1]} are {count:G3}: take larger ones");
        double[] grid = [.. Enumerable.Range(0, (int)count).Select(k => times[0] + (k * step))];
        grid[^1] = times[^1];
        return grid;
    }
}

/// <summary>Euler's method, of order 1.</summary>
/// <param name="stepSize">See <see cref="FixedStepSolver"/>.</param>
public sealed class EulerSolver(double? stepSize = null) : FixedStepSolver(stepSize)
{
    private protected override Tensor Next(OdeDerivative derivative, double time, double step, Tensor state) =>
        state.Add(derivative(time, state), alpha: step);
}

/// <summary>The explicit midpoint rule, of order 2.</summary>
/// <param name="stepSize">See <see cref="FixedStepSolver"/>.</param>
public sealed class MidpointSolver(double? stepSize = null) : FixedStepSolver(stepSize)
{
    private protected override Tensor Next(OdeDerivative derivative, double time, double step, Tensor state) =>
        state.Add(derivative(time + (step / 2), state.Add(derivative(time, state), alpha: step / 2)), alpha: step);
}

/// <summary>Kutta's 3/8 rule, of order 4: what torchdiffeq calls <c>rk4</c>. It is not the classical Runge-Kutta method.</summary>
/// <param name="stepSize">See <see cref="FixedStepSolver"/>.</param>
public sealed class ThreeEighthsSolver(double? stepSize = null) : FixedStepSolver(stepSize)
{
    private protected override Tensor Next(OdeDerivative derivative, double time, double step, Tensor state)
    {
        var k1 = derivative(time, state);
        var k2 = derivative(time + (step / 3), Sums.Of([state, k1], [1, step / 3]));
        var k3 = derivative(time + (step * 2 / 3), Sums.Of([state, k2, k1], [1, step, -step / 3]));
        var k4 = derivative(time + step, Sums.Of([state, k1, k2, k3], [1, step, -step, step]));
        return Sums.Of([state, k1, k2, k3, k4], [1, step / 8, step * 3 / 8, step * 3 / 8, step / 8]);
    }
}
