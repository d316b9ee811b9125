using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>
/// VQGAN's first stage: the autoencoder, and from a step on a discriminator against it. 2012.09841 §3.1;
/// CompVis/taming-transformers@3ba01b2 models/vqgan.py. Both see the same reconstructions.
/// </summary>
/// <param name="model">The autoencoder.</param>
/// <param name="autoencoder">Over it.</param>
/// <param name="loss">With the discriminator; null for maps of labels.</param>
/// <param name="discriminator">Over that; null where there is no game.</param>
/// <param name="settings">With nothing open.</param>
/// <param name="shown">Pictures that samples show, <c>(N, C, S, S)</c>.</param>
/// <param name="device">Where all is.</param>
internal sealed class VqganProgram(
    VqModel model, Player autoencoder, VqLoss? loss, Player? discriminator, CodecLossSettings settings, Tensor shown, Device device)
    : TrainingProgram<SquareBatch>, IDisposable
{
    private const double LastTemperature = 1.0 / 16;
    private readonly CodebookCare care = new(model.Quantize);

    public override IReadOnlyList<Player> Players { get; } = discriminator is null ? [autoencoder] : [autoencoder, discriminator];

    /// <summary>Keys as official checkpoints have them.</summary>
    public override IReadOnlyList<(string Name, Module Module)> Modules =>
        loss is null || discriminator is null ? [("", model)] : [("", model), ("loss.discriminator", loss.Discriminator)];

    public override Module Product => model;

    public override int Count(SquareBatch batch) => batch.Names.Count;

    public override string Describe(SquareBatch batch) => BatchFaults.First(batch.Names);

    public override void Save(SavedState state) => state.Set("codebook", care);

    public override void Load(SavedState state) => state.Restore("codebook", care);

    public void Dispose() => care.Dispose();

    protected override void Step(SquareBatch batch, TrainingStep step)
    {
        var pictures = batch.Pictures.To(device);
        var gumbel = model.Quantize as GumbelQuantizer;
        bool isPlain = gumbel is null && step.Number < settings.Plain;
        if (gumbel is not null) gumbel.Temperature = Temperature((double)step.Number / Math.Max(1, step.Total));
        if (gumbel is null && !isPlain) Care(pictures, step);
        bool plays = loss is not null && discriminator is not null && step.Number >= settings.DiscriminatorStart;
        Tensor? painted = null;
        try
        {
            step.Update(autoencoder, () => Loss(pictures, step, isPlain, plays, ref painted));
            if (plays) step.Update(discriminator!, () => loss!.OfDiscriminator(pictures, painted!, step.Number));
        }
        finally
        {
            painted?.Dispose();
        }
    }

    /// <summary>There are no statistics to gather.</summary>
    protected override void Forward(SquareBatch batch)
    {
    }

    protected override void WriteSamples(SampleFolder samples)
    {
        using var scope = new TensorScope();
        var painted = model.Decode(model.Quantize.Lookup(model.CodesOf(shown.To(device)))).Cpu();
        var pictures = Drawn(shown).Concat(Drawn(painted));
        ImageGrid.Create(pictures, (int)shown.Size(0)).Save(samples.File("pictures-above-reconstructions.png"));
    }

    /// <summary>As <see cref="VqPictures.Painted"/>, labels spread over all greys.</summary>
    internal static List<Image> Drawn(Tensor pictures)
    {
        int channels = (int)pictures.Size(1);
        if (!VqPictures.AreLabels(channels)) return PaintedPictures.Of(pictures);
        using var scope = new TensorScope();
        return PaintedPictures.Of((pictures.Argmax(1, keepdim: true).To(DType.Float32) * (2.0 / (channels - 1))) - 1);
    }

    /// <summary>From 1 to 1/16 by half a cosine over the first half of the run; 2102.12092 appendix A.2 has it so in steps.</summary>
    private static double Temperature(double done) =>
        LastTemperature + ((1 - LastTemperature) * (1 + Math.Cos(Math.PI * Math.Min(1, 2 * done))) / 2);

    private static Tensor Vectors(Tensor map) => map.Permute([0, 2, 3, 1]).Reshape([-1, map.Size(1)]);

    private void Care(Tensor pictures, TrainingStep step)
    {
        long since = step.Number - settings.Plain!.Value;
        bool begins = settings.Plain > 0 && since == 0, revives = settings.Revive > 0 && since > 0 && since % settings.Revive == 0;
        if (!begins && !revives) return;
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var vectors = Vectors(model.Features(pictures));
        if (begins) care.Begin(vectors);
        else step.Report("revived", care.Revive(vectors));
    }

    private Tensor Loss(Tensor pictures, TrainingStep step, bool isPlain, bool plays, ref Tensor? painted)
    {
        using var scope = new TensorScope();
        var map = model.Features(pictures);
        var codes = isPlain ? null : model.Quantize.Call(map);
        var reconstructions = model.Decode(codes?.Vectors ?? map);
        var codebook = codes?.Loss ?? Tensor.Zeros([]).To(device);
        if (codes is not null)
        {
            care.Observe(codes.Codes);
            if (Gradients.Enabled) (model.Quantize as EmaQuantizer)?.Learn(Vectors(map.Detach()), codes.Codes.Flatten());
        }

        painted?.Dispose();
        painted = scope.KeepForever(reconstructions.Detach().Clone());
        if (loss is null) return scope.Keep(VqLoss.OfSegmentation(reconstructions, pictures, codebook));
        if (!plays)
        {
            var likelihood = loss.Likelihood(pictures, reconstructions);
            step.Report("likelihood", likelihood.Item<double>());
            return scope.Keep(likelihood + codebook);
        }

        var terms = loss.OfAutoencoder(pictures, reconstructions, codebook, model.Decoder.LastWeight, step.Number);
        step.Report("likelihood", terms.Likelihood.Item<double>());
        step.Report("adversarial", terms.Adversarial.Item<double>());
        step.Report("balance", terms.Balance.Item<double>());
        return scope.Keep(terms.Loss);
    }
}
