using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.Generation.DiffAugment;
using Sconce.Torch;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary>
/// The claim's two players: trained from the same weights again and again, whole or pruned. All that is drawn follows from the seed.
/// </summary>
internal sealed class TicketTrial : IDisposable
{
    private const int Batch = 16;
    private readonly SmallGenerator generator;
    private readonly SmallDiscriminator discriminator;
    private readonly TicketMasks painting, judging;
    private readonly RewindPoint painter, judge;
    private readonly Tensor known;
    private readonly ulong seed;

    public TicketTrial(Tensor known, ulong seed)
    {
        (this.known, this.seed) = (known, seed);
        TorchRuntime.ManualSeed(seed);
        (generator, discriminator) = (new SmallGenerator(), new SmallDiscriminator());
        painting = new TicketMasks(TicketMasks.Convolutions(generator));
        judging = new TicketMasks(TicketMasks.Convolutions(discriminator));
        (painter, judge) = (new RewindPoint(generator), new RewindPoint(discriminator));
    }

    /// <summary>The share of both networks' convolution weights that is left.</summary>
    public double Left => (double)(painting.Remaining + judging.Remaining) / (painting.Total + judging.Total);

    /// <summary>Whether every weight that fell is zero.</summary>
    public bool IsSound => painting.Broken().Count + judging.Broken().Count == 0;

    /// <summary>
    /// Lets a share of the weights fall in both networks; whether as many are left as there should be, one weight more or less.
    /// </summary>
    public bool Prune(double fraction)
    {
        (long ofPainter, long ofJudge) = (painting.Remaining, judging.Remaining);
        painting.Prune(fraction, PruningRule.Count);
        judging.Prune(fraction, PruningRule.Threshold);
        return Math.Abs(painting.Remaining - ((1 - fraction) * ofPainter)) <= 1
            && Math.Abs(judging.Remaining - ((1 - fraction) * ofJudge)) <= 1;
    }

    /// <summary>As many weights as are left, but any.</summary>
    public void Shuffle()
    {
        Shuffle(painting);
        Shuffle(judging);
    }

    /// <summary>Trains from the first weights on, and paints with the generator's average.</summary>
    /// <param name="steps">Of both.</param>
    /// <param name="pruned">Whether what fell stays away.</param>
    /// <param name="moves">Moves features; null for none.</param>
    /// <param name="painted">How many pictures.</param>
    /// <param name="stepped">Told of each step.</param>
    /// <param name="keep">Told when the generator is the average, as it is measured.</param>
    public Tensor Train(
        int steps, bool pruned, AdversarialFeatures? moves, int painted, Action<int> stepped, Action<Module>? keep = null)
    {
        TorchRuntime.ManualSeed(seed + 1);
        painter.Restore(generator, pruned ? painting : null);
        judge.Restore(discriminator, pruned ? judging : null);
        using var ofPainter = new Adam(generator.Parameters(), 1e-3, 0.5, 0.99);
        using var ofJudge = new Adam(discriminator.Parameters(), 1e-3, 0.5, 0.99);
        using var average = new ExponentialMovingAverage(generator, 0.99);
        generator.Train();
        for (int step = 0; step < steps; step++)
        {
            stepped(step);
            using var scope = new TensorScope();
            Step(ofPainter, ofJudge, moves);
            if (pruned)
            {
                painting.Apply();
                judging.Apply();
            }

            average.Update();
        }

        using (average.Applied())
        {
            keep?.Invoke(generator);
            return Paint(painted);
        }
    }

    public void Dispose()
    {
        painting.Dispose();
        judging.Dispose();
        painter.Dispose();
        judge.Dispose();
        generator.Dispose();
        discriminator.Dispose();
    }

    private static void Shuffle(TicketMasks masks)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var known = masks.Masks.ToList();
        var all = Tensor.Cat([.. known.Select(entry => entry.Mask.Reshape([-1]))], 0);
        var mixed = all.IndexSelect(0, Tensor.Randperm(all.Elements, DType.Int64));
        Dictionary<string, Tensor> shuffled = [];
        long first = 0;
        foreach (var (name, mask) in known)
        {
            shuffled[name] = mixed.Narrow(0, first, mask.Elements).Reshape(mask.Shape);
            first += mask.Elements;
        }

        masks.Load(new TrainingState(shuffled, new Dictionary<string, double>()));
    }

    private void Step(Adam ofPainter, Adam ofJudge, AdversarialFeatures? moves)
    {
        Tensor fakes;
        using (Gradients.Off()) fakes = generator.Call(Latents());
        var reals = known.IndexSelect(0, Tensor.Randperm(known.Size(0), DType.Int64)[..Batch]);
        ofJudge.ZeroGrad();
        var judged = moves is null
            ? GanLoss.Hinge.OfDiscriminator(discriminator.Call(reals), discriminator.Call(fakes))
            : moves.OfDiscriminator(GanLoss.Hinge, discriminator, reals, fakes).Loss;
        judged.Backward();
        ofJudge.Step();
        ofPainter.ZeroGrad();
        var painted = moves is null
            ? GanLoss.Hinge.OfGenerator(discriminator.Call(generator.Call(Latents())))
            : moves.OfGenerator(GanLoss.Hinge, generator, discriminator.Call, Latents()).Loss;
        painted.Backward();
        ofPainter.Step();
    }

    private static Tensor Latents() => Tensor.Randn([Batch, SmallGenerator.Latent]);

    private Tensor Paint(int count)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var numbers = new Generator(77);
        generator.Eval();
        return scope.Keep(generator.Call(Tensor.Randn([count, SmallGenerator.Latent], numbers)));
    }
}
