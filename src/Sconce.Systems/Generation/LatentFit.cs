using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Generation;

/// <summary>
/// Fits a generator to given pictures, one for each of some fixed latents, by their mean square: what it can paint, without a game.
/// </summary>
internal sealed class LatentFit : IDisposable
{
    private readonly Func<Tensor, Tensor> paint;
    private readonly Tensor latents, targets;
    private readonly Adam adam;

    /// <summary>Draws the latents.</summary>
    /// <param name="learned">What is changed of the generator.</param>
    /// <param name="paint"><c>(N, latent) -> (N, 3, H, W)</c></param>
    /// <param name="targets"><c>(N, 3, H, W)</c>, borrowed.</param>
    /// <param name="latent">Numbers a picture.</param>
    public LatentFit(IEnumerable<Parameter> learned, Func<Tensor, Tensor> paint, Tensor targets, int latent)
    {
        (this.paint, this.targets) = (paint, targets);
        latents = Tensor.Randn([targets.Size(0), latent]).Hold();
        adam = new Adam([.. learned], 1e-2, 0, 0.99);
    }

    /// <summary>One step.</summary>
    public void Step()
    {
        using var scope = new TensorScope();
        adam.ZeroGrad();
        (paint(latents) - targets).Square().Mean().Backward();
        adam.Step();
    }

    /// <summary>The pictures as they are painted now.</summary>
    public Tensor Paint()
    {
        using var noGrad = Gradients.Off();
        return paint(latents);
    }

    public void Dispose()
    {
        latents.Dispose();
        adam.Dispose();
    }
}
