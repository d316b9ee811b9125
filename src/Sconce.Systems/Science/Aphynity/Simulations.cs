using Sconce.Maths;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>The three systems' true trajectories, which the paper learns from; official datasets/*.py. All in float64.</summary>
public static class Simulations
{
    /// <summary>Damped pendulums. <c>(N, 2) -> (N, 2, steps)</c></summary>
    /// <param name="start">Angles and speeds.</param>
    /// <param name="steps">States, the start included.</param>
    /// <param name="interval">Seconds between two.</param>
    /// <param name="stiffness">ω₀².</param>
    /// <param name="friction">α.</param>
    public static Tensor Pendulum(
        Tensor start, int steps, double interval = 0.5, double stiffness = Math.PI * Math.PI / 9, double friction = 0.2)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        Tensor stiff = Tensor.Full([], stiffness, DType.Float64), rubs = Tensor.Full([], friction, DType.Float64);
        var states = new DormandPrinceSolver(1e-10, 1e-12)
            .Solve((_, state) => PendulumLaw.Derivative(state, stiff, rubs), start.To(DType.Float64), Times(steps, interval));
        return scope.Keep(states.Movedim(0, 2));
    }

    /// <summary>Reaction and diffusion on a periodic square of side 2. <c>(N, 2, H, W) -> (N, 2, steps, H, W)</c></summary>
    /// <param name="start">Both fields.</param>
    /// <param name="steps">States, the start included.</param>
    /// <param name="coefficients">a, b and k.</param>
    /// <param name="spacing">Of two pixels.</param>
    /// <param name="interval">Seconds between two states.</param>
    public static Tensor ReactionDiffusion(
        Tensor start, int steps, (double A, double B, double K) coefficients, double spacing, double interval = 0.1)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var states = new DormandPrinceSolver(1e-9, 1e-11).Solve(
            (_, state) => ReactionDiffusionDerivative(state, coefficients, spacing), start.To(DType.Float64), Times(steps, interval));
        return scope.Keep(states.Movedim(0, 2));
    }

    /// <summary>The right-hand side of that. <c>(N, 2, H, W) -> (N, 2, H, W)</c></summary>
    public static Tensor ReactionDiffusionDerivative(Tensor state, (double A, double B, double K) coefficients, double spacing)
    {
        using var scope = new TensorScope();
        var laplacian = ReactionDiffusionLaw.Laplacian(spacing, state.DType);
        return scope.Keep(ReactionDiffusionLaw.Derivative(
            state, laplacian, Of(coefficients.A), Of(coefficients.B), Of(coefficients.K)));

        Tensor Of(double value) => Tensor.Full([], value, state.DType);
    }

    /// <summary>A bump exp(-r²/s) that is let go. <c>-> (2, steps, size, size)</c>, height and speed.</summary>
    /// <param name="size">Of the square, in pixels; 5 at least.</param>
    /// <param name="centre">Column and row of the bump.</param>
    /// <param name="spread">s, in pixels squared.</param>
    /// <param name="steps">States, the start included.</param>
    /// <param name="interval">Seconds between two.</param>
    /// <param name="speed">c, in pixels per second.</param>
    /// <param name="damping">k, per second.</param>
    /// <param name="stencil">Points of the second difference: 5, of fourth order, or 3.</param>
    public static Tensor Wave(
        int size, (double Column, double Row) centre, double spread, int steps, double interval = 1e-3, double speed = 330,
        double damping = 50, int stencil = 5)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var places = Tensor.Arange(size, dtype: DType.Float64);
        var squares = (places - centre.Column).Square() + (places - centre.Row).Square().Unsqueeze(1);
        var bump = (-squares / spread).Exp();
        var laplacian = SecondDifferences(stencil);
        var states = new ThreeEighthsSolver().Solve(
            (_, state) =>
            {
                Tensor height = state[0..1], rate = state[1..2];
                long rim = (stencil - 1) / 2;
                var curved = Functional.Pad(Functional.Conv2d(height.Unsqueeze(0), laplacian), [rim, rim, rim, rim])[0];
                return Tensor.Cat([rate, (curved * (speed * speed)) - (rate * damping)]);
            },
            Tensor.Stack([bump, bump.ZerosLike()]), Times(steps, interval));
        return scope.Keep(states.Movedim(0, 1));
    }

    private static Tensor SecondDifferences(int stencil)
    {
        double[] weights = stencil switch
        {
            3 => [1, -2, 1],
            5 => [-1.0 / 12, 4.0 / 3, -5.0 / 2, 4.0 / 3, -1.0 / 12],
            _ => throw new ArgumentOutOfRangeException(nameof(stencil), stencil, "second differences have 3 or 5 points"),
        };
        var cross = new double[stencil * stencil];
        for (int k = 0; k < stencil; k++)
        {
            cross[(k * stencil) + (stencil / 2)] += weights[k];
            cross[(stencil / 2 * stencil) + k] += weights[k];
        }

        return Tensor.From(cross, [1, 1, stencil, stencil]);
    }

    private static double[] Times(int steps, double interval) => [.. Enumerable.Range(0, steps).Select(k => k * interval)];
}
