using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Control.Driving;

/// <summary>
/// From what the camera sees to the steering wheel: two convolutions, two layers. <c>(N, 1, 24, 48) -> (N, 1)</c> in (-1, 1), left
/// positive.
/// </summary>
/// <param name="seesLastSteering">
/// Whether it is told the last steering besides; a probe of causal confusion (1905.11979): such a policy may copy it instead of looking.
/// </param>
public sealed partial class DrivingPolicy(bool seesLastSteering = false) : Module<Tensor, Tensor>
{
    private const int Seen = 16 * 6 * 12;

    /// <summary>The first convolution.</summary>
    public Conv2d C1 { get; } = new(1, 8, 5, stride: 2, padding: 2);

    /// <summary>The second.</summary>
    public Conv2d C2 { get; } = new(8, 16, 3, stride: 2, padding: 1);

    /// <summary>What the picture means.</summary>
    public Linear F1 { get; } = new(Seen + (seesLastSteering ? 1 : 0), 32);

    /// <summary>The steering.</summary>
    public Linear F2 { get; } = new(32, 1);

    /// <summary>With the last steering, <c>(N, 1)</c>.</summary>
    public Tensor Steer(Tensor pictures, Tensor? last = null)
    {
        using var scope = new TensorScope();
        var features = C2.Call(C1.Call(pictures).Relu()).Relu().Flatten(1, -1);
        if (seesLastSteering)
        {
            if (last is null) throw new ArgumentException("this policy is told the last steering: give (N, 1) numbers, 0 at the start");
            features = Tensor.Cat([features, last], 1);
        }

        return scope.Keep(F2.Call(F1.Call(features).Relu()).Tanh());
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => Steer(pictures);
}
