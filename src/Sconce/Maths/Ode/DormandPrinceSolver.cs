using Sconce.Torch;

namespace Sconce.Maths;

/// <summary>
/// Dormand and Prince's embedded pair of orders 5 and 4, with steps as long as the tolerance allows: torchdiffeq's <c>dopri5</c>. Times
/// between steps are read from a quartic through the step's ends and Shampine's middle.
/// </summary>
/// <param name="relativeTolerance">Of each number's size, more than 0.</param>
/// <param name="absoluteTolerance">In units of the state, more than 0.</param>
/// <param name="mostSteps">A problem that takes more, refused ones included, is given up.</param>
public sealed class DormandPrinceSolver(double relativeTolerance = 1e-7, double absoluteTolerance = 1e-9, int mostSteps = 1_000_000)
    : OdeSolver
{
    private const double Safety = 0.9, Growth = 10, Shrinkage = 0.2;

    private static readonly double[] Nodes = [1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1, 1];

    private static readonly double[][] Stages =
    [
        [1.0 / 5],
        [3.0 / 40, 9.0 / 40],
        [44.0 / 45, -56.0 / 15, 32.0 / 9],
        [19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729],
        [9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656],
        [35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84],
    ];

    // The fifth order less the fourth, in the form of Shampine's code.
    private static readonly double[] Errors =
    [
        (35.0 / 384) - (1951.0 / 21600), 0, (500.0 / 1113) - (22642.0 / 50085), (125.0 / 192) - (451.0 / 720),
        (-2187.0 / 6784) + (12231.0 / 42400), (11.0 / 84) - (649.0 / 6300), -1.0 / 60,
    ];

    private static readonly double[] Middle =
    [
        6025192743.0 / 30085553152 / 2, 0, 51252292925.0 / 65400821598 / 2, -2691868925.0 / 45128329728 / 2,
        187940372067.0 / 1594534317056 / 2, -1776094331.0 / 19743644256 / 2, 11237099.0 / 235043384 / 2,
    ];

    private readonly double relativeTolerance = relativeTolerance > 0
        ? relativeTolerance
        : throw new ArgumentOutOfRangeException(nameof(relativeTolerance), relativeTolerance, "a tolerance is more than 0");

    private readonly double absoluteTolerance = absoluteTolerance > 0
        ? absoluteTolerance
        : throw new ArgumentOutOfRangeException(nameof(absoluteTolerance), absoluteTolerance, "a tolerance is more than 0");

    private protected override IReadOnlyList<Tensor> Integrate(OdeDerivative derivative, Tensor start, double[] times)
    {
        var states = new List<Tensor>(times.Length) { start };
        var (time, state, slope) = (times[0], start, derivative(times[0], start));
        double step = FirstStep(derivative, time, state, slope);
        for (int taken = 0; states.Count < times.Length; taken++)
        {
            if (taken >= mostSteps)
            {
                throw new OdeException(
                    $"{mostSteps} steps reached time {time} of {times[^1]} only: the equation is stiff, or the tolerance too tight");
            }

            if (!(time + step > time))
            {
                throw new OdeException(
                    $"at time {time} the step has shrunk to {step}: the solution runs away there, or its derivative has no number");
            }

            using var scope = new TensorScope();
            var slopes = Slopes(derivative, time, step, state, slope, out var next);
            double ratio = ErrorRatio(Combined(slopes, Errors, step), state, next);
            if (ratio <= 1)
            {
                double end = time + step;
                while (states.Count < times.Length && times[states.Count] <= end)
                {
                    states.Add(scope.Keep(Between(slopes, step, state, next, (times[states.Count] - time) / step)));
                }

                (time, state, slope) = (end, scope.Keep(next), scope.Keep(slopes[^1])); // first same as last
            }

            step *= Factor(ratio);
        }

        return states;
    }

    private static List<Tensor> Slopes(OdeDerivative derivative, double time, double step, Tensor state, Tensor first, out Tensor next)
    {
        var slopes = new List<Tensor> { first };
        next = state;
        for (int k = 0; k < Stages.Length; k++)
        {
            next = Combined(slopes, Stages[k], step, state);
            slopes.Add(derivative(time + (Nodes[k] * step), next));
        }

        return slopes;
    }

    private static Tensor Combined(List<Tensor> slopes, double[] weights, double step, Tensor? start = null)
    {
        var used = weights.Select((weight, k) => (Weight: weight * step, Slope: slopes[k])).Where(pair => pair.Weight != 0).ToArray();
        Tensor[] first = start is null ? [] : [start];
        return Sums.Of([.. first, .. used.Select(pair => pair.Slope)], [.. first.Select(_ => 1.0), .. used.Select(pair => pair.Weight)]);
    }

    private static Tensor Between(List<Tensor> slopes, double step, Tensor y0, Tensor y1, double x)
    {
        var middle = Combined(slopes, Middle, step, y0);
        Tensor f0 = slopes[0] * step, f1 = slopes[^1] * step;
        var a = ((f1 - f0) * 2) - ((y1 + y0) * 8) + (middle * 16);
        var b = (f0 * 5) - (f1 * 3) + (y0 * 18) + (y1 * 14) - (middle * 32);
        var c = f1 - (f0 * 4) - (y0 * 11) - (y1 * 5) + (middle * 16);
        return y0 + (x * (f0 + (x * (c + (x * (b + (x * a)))))));
    }

    private double ErrorRatio(Tensor error, Tensor before, Tensor after)
    {
        using var noGrad = Gradients.Off();
        double ratio = RootMeanSquare(error / ((before.Abs().Maximum(after.Abs()) * relativeTolerance) + absoluteTolerance));
        return double.IsNaN(ratio) ? double.PositiveInfinity : ratio;
    }

    /// <summary>An accepted step never shrinks the next; a refused one shrinks it to a fifth at most.</summary>
    private static double Factor(double ratio)
    {
        if (ratio == 0) return Growth;
        return Math.Min(Growth, Math.Max(Safety / Math.Pow(ratio, 0.2), ratio < 1 ? 1 : Shrinkage));
    }

    /// <summary>Hairer, Nørsett, Wanner, Solving Ordinary Differential Equations I, II.4.</summary>
    private double FirstStep(OdeDerivative derivative, double time, Tensor state, Tensor slope)
    {
        using var noGrad = Gradients.Off();
        using var scope = new TensorScope();
        var scale = (state.Abs() * relativeTolerance) + absoluteTolerance;
        double d0 = RootMeanSquare(state / scale), d1 = RootMeanSquare(slope / scale);
        double h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
        var ahead = derivative(time + h0, state + (slope * h0));
        double d2 = RootMeanSquare((ahead - slope) / scale) / h0;
        double h1 = d1 <= 1e-15 && d2 <= 1e-15 ? Math.Max(1e-6, h0 * 1e-3) : Math.Pow(0.01 / Math.Max(d1, d2), 0.2);
        return Math.Min(100 * h0, h1);
    }

    private static double RootMeanSquare(Tensor values) => values.Square().Mean().Sqrt().Item<double>();
}
