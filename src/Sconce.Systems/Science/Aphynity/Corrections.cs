using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>The correction of a state of a few numbers: two hidden layers, begun small. <c>(N, states) -> (N, states)</c></summary>
/// <param name="states">Numbers of a state.</param>
/// <param name="hidden">Width of both hidden layers.</param>
public sealed partial class MlpCorrection(int states, int hidden) : Module<Tensor, Tensor>
{
    private const double Gain = 0.2;

    /// <summary>The layers.</summary>
    public Sequential Net { get; } = new(
        Begun(states, hidden), new Relu(), Begun(hidden, hidden), new Relu(), Begun(hidden, states));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor state) => Net.Call(state);

    private static Linear Begun(int inputs, int outputs)
    {
        var layer = new Linear(inputs, outputs);
        Init.Orthogonal(layer.Weight, Gain);
        Init.Constant(layer.Bias!, 0);
        return layer;
    }
}

/// <summary>
/// The correction of fields: three convolutions. Their norms keep no running statistics, so a state's correction depends on its batch, in
/// evaluation too. <c>(N, states, H, W) -> (N, states, H, W)</c>
/// </summary>
/// <param name="states">Fields of a state.</param>
/// <param name="hidden">Channels between.</param>
public sealed partial class ConvCorrection(int states, int hidden) : Module<Tensor, Tensor>
{
    /// <summary>The layers.</summary>
    public Sequential Net { get; } = new(
        new Conv2d(states, hidden, 3, padding: 1, bias: false),
        new BatchNorm2d(hidden, trackRunningStats: false),
        new Relu(),
        new Conv2d(hidden, hidden, 3, padding: 1, bias: false),
        new BatchNorm2d(hidden, trackRunningStats: false),
        new Relu(),
        new Conv2d(hidden, states, 3, padding: 1));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor state) => Net.Call(state);
}
