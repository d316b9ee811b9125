using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.BarlowTwins;

/// <summary>An encoder, and a linear probe upon it where it is to classify: <c>(N, 3, H, W) -> (N, classes or features)</c>.</summary>
internal sealed partial class ProbedEncoder(Module<Tensor, Tensor> encoder, Module<Tensor, Tensor>? head) : Module<Tensor, Tensor>
{
    Module<Tensor, Tensor> Encoder { get; } = encoder;

    Module<Tensor, Tensor>? Head { get; } = head;

    protected override Tensor Forward(Tensor pictures) => pictures.Through(Encoder, Head);
}
