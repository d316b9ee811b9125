using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Control.Driving;

/// <summary>The critic: what a steering is worth where the camera sees this. <c>(N, 1, 24, 48), (N, 1) -> (N, 1)</c></summary>
internal sealed partial class DrivingCritic : Module<Tensor, Tensor, Tensor>
{
    private const int Seen = 16 * 6 * 12;

    internal Conv2d C1 { get; } = new(1, 8, 5, stride: 2, padding: 2);

    internal Conv2d C2 { get; } = new(8, 16, 3, stride: 2, padding: 1);

    internal Linear F1 { get; } = new(Seen + 1, 32);

    internal Linear F2 { get; } = new(32, 1);

    protected override Tensor Forward(Tensor pictures, Tensor steering)
    {
        var seen = C2.Call(C1.Call(pictures).Relu()).Relu().Flatten(1, -1);
        return F2.Call(F1.Call(Tensor.Cat([seen, steering], 1)).Relu());
    }
}
