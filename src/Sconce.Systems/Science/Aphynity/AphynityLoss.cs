using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>How large a correction is.</summary>
public enum CorrectionNorm
{
    /// <summary>‖F_a‖², the paper's for fields.</summary>
    L2,

    /// <summary>(‖F_a‖ / ‖X‖)², the paper's for the pendulum.</summary>
    Relative,
}

/// <summary>
/// The least correction with which the trajectories still fit: λ L_traj + ‖F_a‖², with a multiplier that grows while they do not.
/// 2010.04456 §3.2, algorithm 1; official experiments.py.
/// </summary>
/// <param name="lambda">λ₀.</param>
/// <param name="growth">τ₂: what λ gains for each unit of the trajectories' loss.</param>
/// <param name="norm">How large a correction is.</param>
public sealed class AphynityLoss(double lambda, double growth, CorrectionNorm norm)
{
    /// <summary>λ.</summary>
    public double Lambda { get; set; } = lambda;

    /// <summary>The mean squared error over everything. <c>(N, states, times, …), the same -> ()</c></summary>
    public static Tensor Trajectories(Tensor predicted, Tensor data) => Functional.MeanSquaredError(predicted, data);

    /// <summary>
    /// The size of corrections along the states' axis, squared, in the mean over all else. <c>(N, states, times, …) -> ()</c>
    /// </summary>
    /// <param name="corrections">F_a at the data's states.</param>
    /// <param name="states">Those states.</param>
    /// <param name="norm">How large a correction is.</param>
    /// <param name="eps">Keeps a state of zeros from dividing by zero.</param>
    public static Tensor Size(Tensor corrections, Tensor states, CorrectionNorm norm, double eps = 1e-5)
    {
        using var scope = new TensorScope();
        if (norm == CorrectionNorm.L2) return scope.Keep(corrections.Square().Sum([1]).Mean());
        return scope.Keep((corrections.Norm(2, [1]) / (states.Norm(2, [1]) + eps)).Square().Mean());
    }

    /// <summary>What is descended. <c>-> ()</c></summary>
    /// <param name="trajectories">See <see cref="Trajectories"/>.</param>
    /// <param name="corrections">F_a at the data's states.</param>
    /// <param name="states">Those states.</param>
    public Tensor Total(Tensor trajectories, Tensor corrections, Tensor states)
    {
        using var scope = new TensorScope();
        return scope.Keep((trajectories * Lambda) + Size(corrections, states, norm));
    }

    /// <summary>λ ← λ + τ₂ L_traj, after a batch's last step.</summary>
    /// <param name="trajectories">That step's own, without λ.</param>
    public void Grow(double trajectories) => Lambda += growth * trajectories;
}
