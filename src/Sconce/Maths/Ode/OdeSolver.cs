using Sconce.Torch;

namespace Sconce.Maths;

/// <summary>The right-hand side of dy/dt = f(t, y): <c>state -> its derivative</c>, both of one shape.</summary>
/// <param name="time">In the unit of the times asked for.</param>
/// <param name="state">Of any shape.</param>
public delegate Tensor OdeDerivative(double time, Tensor state);

/// <summary>An initial value problem cannot be integrated: its step vanishes, it takes too many, or its numbers are none.</summary>
/// <param name="message">Where, and what to try.</param>
public sealed class OdeException(string message) : Exception(message);

/// <summary>Integrates ordinary differential equations. Gradients flow through the steps, so a solver may stand inside a network.</summary>
public abstract class OdeSolver
{
    /// <summary>The state at each of the times. <c>(…) -> (times, …)</c>; the first is the start itself.</summary>
    /// <param name="derivative">The right-hand side.</param>
    /// <param name="start">The state at the first time.</param>
    /// <param name="times">Two or more, all ascending or all descending.</param>
    /// <exception cref="ArgumentException">The times do not go one way.</exception>
    /// <exception cref="OdeException">The problem cannot be integrated.</exception>
    public Tensor Solve(OdeDerivative derivative, Tensor start, ReadOnlySpan<double> times)
    {
        if (times.Length < 2)
        {
            throw new ArgumentException($"an equation is solved between times: two are needed at least, not {times.Length}");
        }

        bool backwards = times[1] < times[0];
        double[] ahead = times.ToArray();
        if (backwards)
        {
            for (int k = 0; k < ahead.Length; k++) ahead[k] = -ahead[k];
        }

        for (int k = 1; k < ahead.Length; k++)
        {
            if (ahead[k] > ahead[k - 1]) continue;
            throw new ArgumentException($"times must all ascend or all descend: {times[k - 1]} is followed by {times[k]}");
        }

        using var scope = new TensorScope();
        var states = Integrate(backwards ? (time, state) => -derivative(-time, state) : derivative, start, ahead);
        return scope.Keep(Tensor.Stack([.. states]));
    }

    /// <summary>The states at ascending times, the start included.</summary>
    private protected abstract IReadOnlyList<Tensor> Integrate(OdeDerivative derivative, Tensor start, double[] times);
}
