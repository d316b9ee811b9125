using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>
/// A damped wave: w' = z, z' = c² Δw - k z; without damping where it is incomplete. The outermost pixels have no Δ. <c>(N, 2, H, W) -> (N,
/// 2, H, W)</c>, height and its speed, pixels 1 apart. 2010.04456 §4.1, official networks.py.
/// </summary>
/// <param name="complete">Whether the damping is part of the law.</param>
public sealed partial class DampedWaveLaw(bool complete) : PhysicalLaw
{
    private const double SpeedUnit = 100;

    /// <summary>Second differences along the rows.</summary>
    [Key("_sobel_ddx")]
    public Sconce.Nn.Buffer AlongRows { get; } = new(Tensor.From([0f, 0, 0, 1, -2, 1, 0, 0, 0], [1, 1, 3, 3]));

    /// <summary>Second differences along the columns.</summary>
    [Key("_sobel_ddy")]
    public Sconce.Nn.Buffer AlongColumns { get; } = new(Tensor.From([0f, 1, 0, 0, -2, 0, 0, 1, 0], [1, 1, 3, 3]));

    /// <summary>c, in hundreds of pixels per second.</summary>
    [Key("params_org.c_org")]
    public Parameter Speed { get; } = Parameter.Full(3.6);

    /// <summary>k, per second; idle in an incomplete law.</summary>
    [Key("params_org.k_org")]
    public Parameter Damping { get; } = Parameter.Full(45);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Value)> Coefficients =>
        complete ? [("c", Speed * SpeedUnit), ("k", Damping)] : [("c", Speed * SpeedUnit)];

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor state)
    {
        Tensor height = state[.., 0..1], speed = state[.., 1..2];
        var laplacian = Functional.Conv2d(height, AlongRows + AlongColumns);
        var acceleration = Functional.Pad((Speed * SpeedUnit).Square() * laplacian, [1, 1, 1, 1]);
        if (complete) acceleration -= Damping * speed;
        return Tensor.Cat([speed, acceleration], 1);
    }
}
