using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Networks;

/// <summary>
/// A network of one channel that is shown coloured pictures: it sees their channels' mean. <c>(N, 1 or 3, H, W) -> what the network
/// gives</c>
/// </summary>
/// <param name="network">Of one channel.</param>
public sealed partial class GreyInput(Module<Tensor, Tensor> network) : Module<Tensor, Tensor>
{
    Module<Tensor, Tensor> Network { get; } = network;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) =>
        Network.Call(pictures.Size(1) == 1 ? pictures : pictures.Mean([1], keepdim: true));
}
