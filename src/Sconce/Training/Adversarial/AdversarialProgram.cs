using Sconce.Adversarial;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>
/// A generator against a discriminator. Both see augmented pictures only, each time by fresh draws, and the generator's gradient goes
/// through the augmentation (2006.10738 §3). Penalties are taken lazily, as steps of their own (1912.04958 appendix B).
/// </summary>
/// <param name="generator">Over the generator, <c>(N, latent) -> (N, C, H, W)</c>.</param>
/// <param name="discriminator">Over the discriminator, <c>(N, C, H, W) -> (N) or (N, 1)</c>.</param>
/// <param name="rules">Losses, augmentation, penalties.</param>
/// <param name="device">Where both are.</param>
public class AdversarialProgram(Player generator, Player discriminator, AdversarialRules rules, Device? device = null)
    : TrainingProgram<ImageBatch>
{
    private const int Shown = 16, PathShrink = 2;
    private readonly PathLengthRegularization paths = new();

    /// <inheritdoc/>
    public override IReadOnlyList<Player> Players { get; } = [discriminator, generator];

    /// <inheritdoc/>
    public override Module Product => Painter;

    /// <summary>The probability of augmentation now.</summary>
    public double Probability => rules.Adaptive?.Value ?? rules.Policy.Probability;

    /// <summary>Pictures of the data that painted ones resemble most, <c>(N, C, H, W)</c> of both; null where nobody asks.</summary>
    public Func<Tensor, Tensor>? Nearest { get; init; }

    /// <summary>The generator.</summary>
    protected Module<Tensor, Tensor> Painter { get; } = (Module<Tensor, Tensor>)generator.Network;

    /// <summary>The discriminator.</summary>
    protected Module<Tensor, Tensor> Judge { get; } = (Module<Tensor, Tensor>)discriminator.Network;

    /// <summary>Losses, augmentation, penalties.</summary>
    protected AdversarialRules Rules => rules;

    /// <summary>Where both are.</summary>
    protected Device Place { get; } = device ?? Device.Cpu;

    /// <inheritdoc/>
    public override int Count(ImageBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ImageBatch batch) => BatchFaults.First(batch.Names);

    /// <inheritdoc/>
    public override string? Fault(ImageBatch batch) => BatchFaults.Of(batch);

    /// <summary>What an evaluation says beside the distances; by default nothing.</summary>
    public virtual IReadOnlyList<Figure> Figures() => [];

    /// <summary>What the discriminator sees of pictures.</summary>
    public Tensor Seen(Tensor pictures) => (rules.Policy with { Probability = Probability }).Apply(pictures);

    /// <inheritdoc/>
    public override void Save(SavedState state)
    {
        Put(state.New("path_length"), paths.State());
        if (rules.Adaptive is { } adaptive) Put(state.New("augmentation"), adaptive.State());
    }

    /// <inheritdoc/>
    public override void Load(SavedState state)
    {
        var length = Numbers(state.Part("path_length"));
        if (rules.Adaptive is { } adaptive) adaptive.Load(Numbers(state.Part("augmentation")));
        paths.Load(length);
    }

    /// <inheritdoc/>
    protected internal override void Step(ImageBatch batch, TrainingStep step)
    {
        var reals = Reals(batch.Images.To(Place));
        long count = reals.Size(0);
        Play(reals, count, step);
        if (rules.PathLength > 0 && Painter is StyleGenerator styles && step.IsDue(rules.PathEvery))
        {
            step.Update(generator, () => PathPenalty(styles, Math.Max(1, count / PathShrink)));
            Updated();
        }

        if (rules.Adaptive is not null) step.Report("augmentation", Probability);
    }

    /// <summary>Only the generator's statistics are of use afterwards.</summary>
    protected internal override void Forward(ImageBatch batch)
    {
        using var noGrad = Gradients.Off();
        Painter.Call(Latents(batch.Count));
    }

    /// <inheritdoc/>
    protected internal override void WriteSamples(SampleFolder samples)
    {
        using var scope = new TensorScope();
        var painted = Painted(Painter, samples.Latents(Shown, rules.Latent));
        var pictures = PaintedPictures.Of(painted);
        ImageGrid.Create(pictures, 4).Save(samples.File("grid.png"));
        if (Nearest is null) return;
        var data = PaintedPictures.Of(Nearest(painted));
        ImageGrid.Create(pictures.Zip(data).SelectMany(pair => new[] { pair.First, pair.Second }), 8).Save(samples.File("nearest.png"));
    }

    /// <summary>Paints latents with noise that is always the same: <c>(N, latent) -> (N, C, H, W)</c>.</summary>
    internal static Tensor Painted(Module<Tensor, Tensor> painter, Tensor z) =>
        painter is IStyleNetwork styles ? styles.Paint(styles.Map(z).Unsqueeze(1).Repeat([1, styles.StyleCount, 1])) : painter.Call(z);

    /// <summary>What stands for a batch of real pictures, <c>(N, C, H, W)</c>: a patch of them, say. By default they themselves.</summary>
    protected virtual Tensor Reals(Tensor pictures) => pictures;

    /// <summary>The two updates of a step; by default the discriminator's first, then the generator's through the new one.</summary>
    /// <param name="reals">From <see cref="Reals"/>.</param>
    /// <param name="count">Pictures a batch.</param>
    /// <param name="step">Makes them.</param>
    protected virtual void Play(Tensor reals, long count, TrainingStep step)
    {
        step.Update(discriminator, () => DiscriminatorLoss(reals, step));
        Updated();
        Penalize(reals, step);
        if (!step.IsDue(rules.GeneratorEvery)) return;
        step.Update(generator, () => GeneratorLoss(count));
        Updated();
    }

    /// <summary>The penalty on the discriminator's gradient, where it is due.</summary>
    protected void Penalize(Tensor reals, TrainingStep step)
    {
        if (rules.R1 == 0 || !step.IsDue(rules.R1Every)) return;
        step.Update(discriminator, () => GradientPenalty.R1(Judged, reals) * (rules.R1 / 2 * rules.R1Every));
        Updated();
    }

    /// <summary>The discriminator's loss over real pictures and as many fakes.</summary>
    protected virtual Tensor DiscriminatorLoss(Tensor reals, TrainingStep step)
    {
        Tensor fakes;
        using (Gradients.Off()) fakes = Fakes(reals.Size(0));
        Tensor real = Judged(reals), fake = Judged(fakes);
        Tell(real, fake, step);
        return rules.Loss.OfDiscriminator(real, fake);
    }

    /// <summary>The generator's loss over new fakes.</summary>
    protected virtual Tensor GeneratorLoss(long count) => rules.Loss.OfGenerator(Judged(Fakes(count)));

    /// <summary>After each update of either.</summary>
    protected virtual void Updated()
    {
    }

    /// <summary>Logs what the discriminator thinks, and lets the augmentation follow it.</summary>
    protected void Tell(Tensor real, Tensor fake, TrainingStep step)
    {
        using var noGrad = Gradients.Off();
        step.Report("d_real", real.Detach().Mean().Item<double>());
        step.Report("d_fake", fake.Detach().Mean().Item<double>());
        if (rules.Loss.Boundary is { } boundary)
        {
            // How often it is right: where it always is, the generator has nothing to learn from.
            var right = Tensor.Cat([(real.Detach() > boundary).Reshape([-1]), (fake.Detach() < boundary).Reshape([-1])], 0);
            step.Report("d_accuracy", right.To(DType.Float32).Mean().Item<double>());
        }

        rules.Adaptive?.Observe(real);
    }

    /// <summary>The discriminator's numbers of augmented pictures.</summary>
    protected Tensor Judged(Tensor pictures) => Judge.Call(Seen(pictures));

    /// <summary>New pictures of the generator, as it learns: fresh noise, styles mixed.</summary>
    protected virtual Tensor Fakes(long count) =>
        Painter is StyleGenerator styles ? styles.Synthesize(Styles(styles, count)) : Painter.Call(Latents(count));

    /// <summary>Normal numbers, <c>(N, latent)</c>.</summary>
    protected Tensor Latents(long count) => Tensor.Randn([count, rules.Latent]).To(Place);

    private Tensor PathPenalty(StyleGenerator styles, long count)
    {
        var latents = Styles(styles, count);
        var (penalty, _) = paths.Compute(styles.Synthesize(latents), latents);
        return penalty * (rules.PathLength * rules.PathEvery);
    }

    /// <summary>Of one style or of two, <c>(N, layers, style)</c>. 1812.04948 §3.1.</summary>
    private Tensor Styles(StyleGenerator styles, long count)
    {
        var first = styles.Map(Latents(count));
        var chance = Tensor.Rand([2]).ToArray<float>();
        if (!(chance[0] < rules.StyleMixing)) return styles.Latents(first);
        return styles.Mix(first, styles.Map(Latents(count)), 1 + (int)(chance[1] * (styles.StyleCount - 1)));
    }

    private static void Put(SavedState part, TrainingState known)
    {
        foreach (var (name, number) in known.Numbers) part.Set(name, number);
    }

    private static TrainingState Numbers(SavedState part) =>
        new(new Dictionary<string, Tensor>(), part.Names.ToDictionary(name => name, part.Number));
}
