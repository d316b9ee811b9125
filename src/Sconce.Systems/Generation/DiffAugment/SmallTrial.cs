using Sconce.Adversarial;
using Sconce.Claims;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Generation.DiffAugment;

/// <summary>The claim's two players at work. All that is drawn follows from the seed.</summary>
internal sealed class SmallTrial : IDisposable
{
    private readonly SmallGenerator generator;
    private readonly SmallDiscriminator discriminator;
    private readonly Adam painting, judging;
    private readonly ExponentialMovingAverage average;
    private readonly Tensor known;
    private readonly DiffAugmentPolicy policy;

    public SmallTrial(Tensor known, DiffAugmentPolicy policy, ulong seed)
    {
        (this.known, this.policy) = (known, policy);
        TorchRuntime.ManualSeed(seed);
        (generator, discriminator) = (new SmallGenerator(), new SmallDiscriminator());
        painting = new Adam(generator.Parameters(), 1e-3, 0.5, 0.99);
        judging = new Adam(discriminator.Parameters(), 1e-3, 0.5, 0.99);
        average = new ExponentialMovingAverage(generator, 0.99);
    }

    /// <summary>One step of each, on pictures drawn from those that are known.</summary>
    public void Step(int batch)
    {
        using var scope = new TensorScope();
        generator.Train();
        Tensor fakes;
        using (Gradients.Off()) fakes = generator.Call(Latents(batch));
        var reals = known.IndexSelect(0, Tensor.Randperm(known.Size(0), DType.Int64)[..batch]);
        judging.ZeroGrad();
        GanLoss.NonSaturating.OfDiscriminator(Judged(reals), Judged(fakes)).Backward();
        judging.Step();
        painting.ZeroGrad();
        GanLoss.NonSaturating.OfGenerator(Judged(generator.Call(Latents(batch)))).Backward();
        painting.Step();
        average.Update();
    }

    /// <summary>Pictures of the averaged generator; the next step's numbers do not depend on them.</summary>
    public Tensor Paint(int count)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var numbers = new Generator(77);
        using (average.Applied())
        {
            generator.Eval();
            return scope.Keep(generator.Call(Tensor.Randn([count, SmallGenerator.Latent], numbers)));
        }
    }

    /// <summary>The averaged generator as it is.</summary>
    public ClaimNetwork Keep(string name)
    {
        using (average.Applied()) return ClaimNetwork.Of(name, generator);
    }

    /// <summary>The mean judgement of pictures as they are.</summary>
    public double Judgement(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return discriminator.Call(pictures).Mean().Item<double>();
    }

    public void Dispose()
    {
        average.Dispose();
        painting.Dispose();
        judging.Dispose();
        generator.Dispose();
        discriminator.Dispose();
    }

    private static Tensor Latents(int count) => Tensor.Randn([count, SmallGenerator.Latent]);

    private Tensor Judged(Tensor pictures) => discriminator.Call(policy.Apply(pictures));
}
