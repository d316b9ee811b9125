using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Nn.Perceptual;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>Poses in memory, as the network has them.</summary>
/// <param name="Maps"><c>(N, layers · 3, side, side)</c> in [-1, 1].</param>
/// <param name="Pictures"><c>(N, 3 or 4, side, side)</c> in [-1, 1].</param>
/// <param name="Learned">How many of the first are learned from; the others are only asked about.</param>
internal sealed record CharacterPoses(Tensor Maps, Tensor Pictures, int Learned) : IDisposable
{
    public int Count => (int)Maps.Size(0);

    public void Dispose()
    {
        Maps.Dispose();
        Pictures.Dispose();
    }
}

/// <summary>
/// The generator steps first; what the judge then learns of is what was drawn before that step. models/pix2pixHD_model.py.
/// </summary>
/// <param name="generator">Over a <see cref="CharacterGenerator"/>.</param>
/// <param name="judge">Over a <see cref="CharacterDiscriminator"/>; null for none.</param>
/// <param name="vgg">Likeness in VGG's features; null for none.</param>
/// <param name="poses">The data.</param>
/// <param name="settings">Weights of the losses, and the augmentation.</param>
/// <param name="device">Where the networks are.</param>
internal sealed class CharacterProgram(
    Player generator, Player? judge, Vgg19Loss? vgg, CharacterPoses poses, CharacterSettings settings, Device device)
    : TrainingProgram<RowBatch>
{
    private const int Shown = 8, Colours = 3;
    private readonly CharacterGenerator painter = (CharacterGenerator)generator.Network;
    private readonly CharacterAugmentation augmentation = new(settings.Warp, settings.Mirror);
    private readonly int mapChannels = (int)poses.Maps.Size(1);

    public override IReadOnlyList<Player> Players { get; } = judge is null ? [generator] : [generator, judge];

    public override Module Product => painter;

    public override int Count(RowBatch batch) => batch.Rows.Length;

    /// <summary>
    /// How far drawings of poses are from their pictures, in [0, 1] a channel: of those not learned from, where there are some.
    /// </summary>
    public FigureSet Evaluate()
    {
        int first = poses.Count > poses.Learned ? poses.Learned : 0;
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        double sum = 0;
        for (int k = first; k < poses.Count; k++)
        {
            using var one = new TensorScope();
            sum += ((Drawn(k) - poses.Pictures.Narrow(0, k, 1)).Abs().Mean() / 2).Item<double>();
        }

        return new FigureSet { Figure.Lower(CharacterMethod.Error, sum / (poses.Count - first)) };
    }

    /// <summary>Augmented pictures over their maps, a column a pose.</summary>
    public Image Draw()
    {
        using var scope = new TensorScope();
        var (maps, pictures) = Batch(new RowBatch([.. Enumerable.Range(0, Math.Min(Shown, poses.Learned)).Select(row => (long)row)]));
        var seen = CharacterTensors.Layers(maps, painter.Layers).Aggregate((all, layer) => all.Maximum(layer));
        return ImageGrid.Create([.. Images(pictures), .. Images(seen)], (int)pictures.Size(0));
    }

    protected override void Step(RowBatch batch, TrainingStep step)
    {
        var (maps, pictures) = Batch(batch);
        var drawn = pictures.ZerosLike(); // outlives the generator's update
        step.Update(generator, () =>
        {
            var made = painter.Call(CharacterTensors.Layers(maps, painter.Layers));
            using (Gradients.Off()) drawn.CopyInPlace(made.Detach());
            return Loss(made, pictures, maps, step);
        });
        if (judge is not null) step.Update(judge, () => CharacterLosses.Discriminator(Judged(maps, pictures), Judged(maps, drawn)));
    }

    protected override void WriteSamples(SampleFolder samples)
    {
        // Those that are only asked about come first.
        var rows = Enumerable.Range(0, poses.Count).Reverse().Take(Shown).ToList();
        var cells = rows.SelectMany(row => Images(poses.Pictures.Narrow(0, row, 1)))
            .Concat(rows.SelectMany(row => Images(Drawn(row)))).ToList();
        ImageGrid.Create(cells, rows.Count).Save(samples.File("poses.png"));
    }

    private Tensor Loss(Tensor made, Tensor pictures, Tensor maps, TrainingStep step)
    {
        var terms = new List<Tensor>();
        double pixels = settings.Pixels!.Value;
        if (pixels > 0) Add("pixels", (made - pictures).Abs().Mean() * pixels);
        if (judge is not null)
        {
            var fake = Judged(maps, made);
            ScaleJudgements real;
            using (Gradients.Off()) real = Judged(maps, pictures);
            Add("adversarial", CharacterLosses.Generator(fake) * settings.Judge);
            Add("features", CharacterLosses.FeatureMatching(real, fake, settings.Features));
        }

        if (vgg is not null)
            Add("perceptual", vgg.Call(made.Narrow(1, 0, Colours), pictures.Narrow(1, 0, Colours)) * settings.Perceptual);
        return terms.Aggregate((sum, term) => sum + term);

        void Add(string name, Tensor term)
        {
            step.Report(name, term.Detach().Item<double>());
            terms.Add(term);
        }
    }

    private ScaleJudgements Judged(Tensor maps, Tensor pictures) =>
        ((CharacterDiscriminator)judge!.Network).Call(Tensor.Cat([maps, pictures], 1));

    private (Tensor Maps, Tensor Pictures) Batch(RowBatch batch)
    {
        Tensor[] bent = [.. batch.Rows.Select(row => augmentation.Apply(Tensor.Cat([poses.Maps[(int)row], poses.Pictures[(int)row]], 0)))];
        var stacked = Tensor.Stack(bent).To(device);
        return (stacked.Narrow(1, 0, mapChannels), stacked.Narrow(1, mapChannels, stacked.Size(1) - mapChannels));
    }

    private Tensor Drawn(int row) =>
        painter.Call(CharacterTensors.Layers(poses.Maps.Narrow(0, row, 1).To(device), painter.Layers)).To(Device.Cpu);

    private static List<Image> Images(Tensor pictures) => PaintedPictures.Of(pictures.Narrow(1, 0, Colours));
}
