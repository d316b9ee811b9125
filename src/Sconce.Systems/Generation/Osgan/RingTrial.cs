using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Osgan;

/// <summary>
/// Two small players on eight normal distributions about a circle, in one stage or in two. All that is drawn follows from the seed.
/// </summary>
internal sealed class RingTrial : IDisposable
{
    public const int Modes = 8;
    private const int Latent = 8, Width = 64, Batch = 64;
    private const double Radius = 2, Deviation = 0.2, Rate = 1e-3, Kept = 0.99, LeastShare = 0.01;
    private readonly Sequential generator, discriminator;
    private readonly Adam painting, judging;
    private readonly ExponentialMovingAverage average;
    private readonly bool oneStage;

    public RingTrial(bool oneStage, ulong seed)
    {
        this.oneStage = oneStage;
        TorchRuntime.ManualSeed(seed);
        generator = new(new Linear(Latent, Width), new Relu(), new Linear(Width, Width), new Relu(), new Linear(Width, 2));
        discriminator = new(new Linear(2, Width), new LeakyRelu(0.2), new Linear(Width, Width), new LeakyRelu(0.2), new Linear(Width, 1));
        painting = new Adam(generator.Parameters(), Rate, 0.5, 0.999);
        judging = new Adam(discriminator.Parameters(), Rate, 0.5, 0.999);
        average = new ExponentialMovingAverage(generator, Kept);
    }

    public void Step()
    {
        using var scope = new TensorScope();
        Play();
        average.Update();
    }

    /// <summary>
    /// How many of the distributions get a hundredth of the averaged generator's samples, and the share of samples within three deviations
    /// of a centre.
    /// </summary>
    public (int Hit, double Share) Look(int samples = 2000)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var averaged = average.Applied();
        var painted = generator.Call(Tensor.Randn([samples, Latent]));
        var (distances, places) = Functional.Cdist(painted, Centres()).Min(1);
        bool[] near = (distances <= 3 * Deviation).ToArray<bool>();
        long[] whose = places.ToArray<long>();
        var counts = Enumerable.Range(0, Modes).Select(mode => Enumerable.Range(0, samples).Count(k => near[k] && whose[k] == mode));
        return (counts.Count(count => count >= LeastShare * samples), near.Count(isNear => isNear) / (double)samples);
    }

    public void Dispose()
    {
        average.Dispose();
        painting.Dispose();
        judging.Dispose();
        generator.Dispose();
        discriminator.Dispose();
    }

    private void Play()
    {
        var loss = GanLoss.NonSaturating;
        var reals = Real(Batch);
        judging.ZeroGrad();
        painting.ZeroGrad();
        if (oneStage)
        {
            OneStage.Backward(loss, generator.Call(Tensor.Randn([Batch, Latent])), discriminator.Call, reals);
            judging.Step();
            painting.Step();
            return;
        }

        Tensor fakes;
        using (Gradients.Off()) fakes = generator.Call(Tensor.Randn([Batch, Latent]));
        loss.OfDiscriminator(discriminator.Call(reals), discriminator.Call(fakes)).Backward();
        judging.Step();
        loss.OfGenerator(discriminator.Call(generator.Call(Tensor.Randn([Batch, Latent])))).Backward();
        painting.Step();
    }

    private static Tensor Real(int count)
    {
        var whose = Tensor.Randint(Modes, [count], DType.Int64);
        return Centres().IndexSelect(0, whose) + (Tensor.Randn([count, 2]) * Deviation);
    }

    private static Tensor Centres()
    {
        var angles = Enumerable.Range(0, Modes).Select(mode => 2 * Math.PI * mode / Modes);
        var places = angles.SelectMany(angle => new[] { (float)(Radius * Math.Cos(angle)), (float)(Radius * Math.Sin(angle)) });
        return Tensor.From([.. places], [Modes, 2]);
    }
}
