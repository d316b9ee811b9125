using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>
/// The paper's pendulums: let go in any direction of phase space, at a distance of 1.3 to 2.3 from rest; official datasets/pendulum.py.
/// </summary>
public static class PendulumTrajectories
{
    /// <summary>Seconds between two states.</summary>
    public const double Interval = 0.5;

    /// <summary>States of a trajectory.</summary>
    public const int Length = 40;

    /// <summary>ω₀² of the truth, per second squared.</summary>
    public const double Stiffness = Math.PI * Math.PI / 9;

    /// <summary>Draws trajectories of damped pendulums. <c>-> (count, 2, 40)</c> float32</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Of the starts.</param>
    public static Tensor Draw(int count, int seed)
    {
        var random = new Random(seed);
        var starts = new double[2 * count];
        for (int k = 0; k < count; k++)
        {
            double angle = (2 * random.NextDouble()) - 1, speed = (2 * random.NextDouble()) - 1;
            double scale = (1.3 + random.NextDouble()) / double.Hypot(angle, speed);
            (starts[2 * k], starts[(2 * k) + 1]) = (angle * scale, speed * scale);
        }

        using var scope = new TensorScope();
        return scope.Keep(Simulations.Pendulum(Tensor.From(starts, [count, 2]), Length, Interval, Stiffness).To(DType.Float32));
    }

    /// <summary>Every stretch of so many states. <c>(N, 2, times) -> (N · (times - length + 1), 2, length)</c></summary>
    public static Tensor Windows(Tensor trajectories, int length)
    {
        using var scope = new TensorScope();
        return scope.Keep(trajectories.Unfold(2, length, 1).Transpose(1, 2).Flatten(0, 1).Contiguous());
    }

    /// <summary>The times of so many states, from 0.</summary>
    public static double[] Times(int count, double interval = Interval) => [.. Enumerable.Range(0, count).Select(k => k * interval)];
}
