using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>
/// The dVAE's loss along a run: squared differences first, then the evidence's lower bound as codes harden. 2102.12092 appendix A.2.
/// </summary>
/// <param name="Settings">With nothing open.</param>
/// <param name="Steps">Of the whole run.</param>
internal sealed record DvaeObjective(DvaeLossSettings Settings, long Steps)
{
    private const double Hardest = 1.0 / 16, PlainWeight = 30;

    /// <summary>The loss of a batch.</summary>
    /// <param name="model">The autoencoder.</param>
    /// <param name="pictures"><c>(N, C, H, W)</c> in [0, 1].</param>
    /// <param name="step">From 0.</param>
    internal (Tensor Loss, DvaeLoss Terms) Of(Dvae model, Tensor pictures, long step)
    {
        using var scope = new TensorScope();
        long plain = Settings.Plain!.Value;
        long side = pictures.Size(2) / model.Config.Downsampling, wide = pictures.Size(3) / model.Config.Downsampling;
        var noise = DvaeLoss.Gumbel([pictures.Size(0), model.Config.Codes, side, wide]).To(pictures.Device);
        if (step < plain / 3) noise = noise.ZerosLike();
        double done = Math.Clamp((double)(step - plain) / Math.Max(1, Steps - plain), 0, 1);
        var terms = DvaeLoss.Of(model, pictures, noise, Softness(done), Settings.Beta * Rise(Math.Min(1, 2 * done)));
        var squares = (terms.Statistics.Chunk(2, 1)[0].Sigmoid() - DvaePixels.Map(pictures)).Square().Mean();
        var loss = step < plain ? squares * PlainWeight : terms.Loss + (squares * Settings.Squares);
        return (scope.Keep(loss), scope.Keep(terms));
    }

    private double Softness(double done)
    {
        const double cooled = 0.75;
        return Hardest + ((Settings.Softness - Hardest) * (1 - Rise(Math.Min(1, done / cooled))));
    }

    /// <summary>Half a cosine from 0 to 1.</summary>
    private static double Rise(double share) => (1 - Math.Cos(Math.PI * share)) / 2;
}
