using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Bench.Generation;

/// <summary>What one step of a game is made of, as <see cref="Training.AdversarialProgram"/> does it.</summary>
internal sealed class AdversarialStep : IDisposable
{
    private const int R1Every = 16, PathEvery = 4;
    private const double R1 = 10, PathLength = 2;
    private readonly Adversaries game;
    private readonly Module<Tensor, Tensor> generator, discriminator;
    private readonly Tensor reals;
    private readonly Adam painting, judging;
    private readonly WeightAverage average;
    private readonly PathLengthRegularization paths = new();

    internal AdversarialStep(Adversaries game, Module<Tensor, Tensor> generator, Module<Tensor, Tensor> discriminator, Tensor reals)
    {
        (this.game, this.generator, this.discriminator, this.reals) = (game, generator, discriminator, reals);
        painting = Optimizer(generator, game.HasStyles ? PathEvery / (PathEvery + 1.0) : 1);
        judging = Optimizer(discriminator, game.HasStyles ? R1Every / (R1Every + 1.0) : 1);
        average = GeneratorAverage.Of(generator, game.Batch);
        Update penalty = new(R1Every, () => Learn(judging, generator, Penalty)),
            path = new(PathEvery, () => Learn(painting, discriminator, PathPenalty)),
            judge = new(1, () => Learn(judging, generator, DiscriminatorLoss)), paint = new(1, Paint);
        Updates = game.HasStyles ? [judge, penalty, paint, path] : [judge, paint];
    }

    /// <summary>Each with how many steps lie between two of it; they answer with their loss.</summary>
    internal IReadOnlyList<Update> Updates { get; }

    public void Dispose()
    {
        average.Dispose();
        painting.Dispose();
        judging.Dispose();
    }

    private Adam Optimizer(Module network, double share) => new(network.Parameters(), game.Rate * share,
        Math.Pow(game.Betas.First, share), Math.Pow(game.Betas.Second, share));

    private double Paint()
    {
        double loss = Learn(painting, discriminator, () => game.Loss.OfGenerator(Judged(Fakes(game.Batch))));
        average.Update();
        return loss;
    }

    private Tensor DiscriminatorLoss()
    {
        Tensor fakes;
        using (Gradients.Off()) fakes = Fakes(game.Batch);
        Tensor real = Judged(reals), fake = Judged(fakes);
        return game.Loss.OfDiscriminator(real, fake);
    }

    private Tensor Penalty() => GradientPenalty.R1(Judged, reals) * (R1 / 2 * R1Every);

    private Tensor PathPenalty()
    {
        var styles = (StyleGenerator)generator;
        var latents = styles.Latents(styles.Map(Latents(game.Batch / 2)));
        return paths.Compute(styles.Synthesize(latents), latents).Penalty * (PathLength * PathEvery);
    }

    private Tensor Judged(Tensor pictures) => discriminator.Call(game.Policy.Apply(pictures));

    private Tensor Fakes(int count) => generator.Call(Latents(count));

    private Tensor Latents(int count) => Tensor.Randn([count, game.Latent]);

    /// <summary>The other player's weights stay off the tape, as a program's step keeps them.</summary>
    private static double Learn(Adam optimizer, Module other, Func<Tensor> forward)
    {
        using var scope = new TensorScope();
        other.RequireGrad(false);
        optimizer.ZeroGrad();
        var loss = forward();
        loss.Backward();
        optimizer.Step();
        other.RequireGrad(true);
        return loss.Item<double>();
    }

    internal sealed record Update(int Every, Func<double> Run);
}
