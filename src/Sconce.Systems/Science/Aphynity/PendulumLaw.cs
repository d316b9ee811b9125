using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>
/// A damped pendulum: q' = p, p' = -ω₀² sin q - α p; without friction where it is incomplete. <c>(N, 2) -> (N, 2)</c>, the angle in radians
/// and its speed. 2010.04456 §4.1, official networks.py.
/// </summary>
/// <param name="complete">Whether friction is part of the law.</param>
public sealed partial class PendulumLaw(bool complete) : PhysicalLaw
{
    /// <summary>ω₀², per second squared.</summary>
    [Key("params_org.omega0_square_org")]
    public Parameter Stiffness { get; } = Parameter.Full(0.2);

    /// <summary>α, per second; idle in an incomplete law.</summary>
    [Key("params_org.alpha_org")]
    public Parameter Friction { get; } = Parameter.Full(0.1);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Value)> Coefficients =>
        complete ? [("omega0_square", Stiffness), ("alpha", Friction)] : [("omega0_square", Stiffness)];

    /// <summary>The same with coefficients that are given. <c>(N, 2) -> (N, 2)</c></summary>
    /// <param name="state">Angles and speeds.</param>
    /// <param name="stiffness">ω₀².</param>
    /// <param name="friction">α; null for none.</param>
    public static Tensor Derivative(Tensor state, Tensor stiffness, Tensor? friction)
    {
        using var scope = new TensorScope();
        var parts = state.Unbind(1);
        var (pull, speed) = (stiffness * parts[0].Sin(), parts[1]);
        var acceleration = -(friction is null ? pull : pull.Addcmul(friction, speed));
        return scope.Keep(Tensor.Stack([speed, acceleration], 1));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor state) => Derivative(state, Stiffness, complete ? Friction : null);
}
