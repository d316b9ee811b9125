using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Adversarial;

/// <summary>The averages of a generator that samples are taken from; buffers are copied, as StyleGAN's authors do it.</summary>
public static class GeneratorAverage
{
    /// <summary>The decay of one step under which old weights count half after <paramref name="halfLife"/> examples.</summary>
    /// <param name="batch">Examples a step.</param>
    /// <param name="halfLife">Examples; 10,000 in StyleGAN2.</param>
    public static double Decay(double batch, double halfLife = 10_000) => Math.Pow(0.5, batch / halfLife);

    /// <summary>An average of that half-life.</summary>
    public static ExponentialMovingAverage Of(Module generator, double batch, double halfLife = 10_000) =>
        new(generator, Decay(batch, halfLife));
}
