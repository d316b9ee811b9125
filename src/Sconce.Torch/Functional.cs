namespace Sconce.Torch;

/// <summary>Operators whose first tensor is an input rather than the tensor itself: convolutions, pooling, norms, losses
/// (<c>torch.nn.functional</c>).</summary>
public static partial class Functional
{
}
