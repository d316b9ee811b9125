using Sconce.Maths;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>
/// APHYNITY: dX/dt = F_p(X) + F_a(X), a law and a network's correction, integrated from a start. 2010.04456 §3, official forecasters.py.
/// Either part may be absent: physics alone, or a neural ODE.
/// </summary>
public sealed partial class Forecaster : Module<Tensor, Tensor>
{
    /// <summary>Puts the parts together.</summary>
    /// <param name="law">What is known; null for a neural ODE.</param>
    /// <param name="correction">What is learnt beside it, of states as they are; null for physics alone.</param>
    /// <exception cref="ArgumentException">Neither is given.</exception>
    public Forecaster(PhysicalLaw? law, Module<Tensor, Tensor>? correction)
    {
        if (law is null && correction is null) throw new ArgumentException("a forecaster needs a law, a correction, or both");
        Law = law;
        Correction = correction;
    }

    /// <summary>F_p.</summary>
    [Key("model_phy")]
    public PhysicalLaw? Law { get; }

    /// <summary>F_a.</summary>
    [Key("model_aug")]
    public Module<Tensor, Tensor>? Correction { get; }

    /// <summary>The trajectory from a start, laid out as data are. <c>(N, states, …) -> (N, states, times, …)</c></summary>
    /// <param name="start">The states at the first time.</param>
    /// <param name="times">Ascending, in seconds.</param>
    /// <param name="solver">The paper's is <see cref="ThreeEighthsSolver"/>, a step for each stretch between times.</param>
    public Tensor Forecast(Tensor start, ReadOnlySpan<double> times, OdeSolver solver)
    {
        using var scope = new TensorScope();
        return scope.Keep(solver.Solve((_, state) => Call(state), start, times).Movedim(0, 2));
    }

    /// <summary>
    /// The correction of every state of trajectories, all times in one batch. <c>(N, states, times, …) -> (N, states, times, …)</c>
    /// </summary>
    /// <exception cref="InvalidOperationException">There is no correction.</exception>
    public Tensor Corrected(Tensor trajectories)
    {
        if (Correction is null) throw new InvalidOperationException("this forecaster is physics alone and corrects nothing");
        using var scope = new TensorScope();
        var flat = trajectories.Movedim(2, 1);                              // (N, times, states, …)
        var corrections = Correction.Call(flat.Flatten(0, 1)).Reshape(flat.Shape);
        return scope.Keep(corrections.Movedim(1, 2));
    }

    /// <summary>The derivative. <c>(N, states, …) -> (N, states, …)</c></summary>
    protected override Tensor Forward(Tensor state)
    {
        if (Law is null) return Correction!.Call(state);
        var known = Law.Call(state);
        return Correction is null ? known : known + Correction.Call(state);
    }
}
