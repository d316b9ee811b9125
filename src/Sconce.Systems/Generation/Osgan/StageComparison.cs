using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Osgan;

/// <summary>A narrow DCGAN of grey pictures, whose gradients and steps in one stage are laid beside those in two.</summary>
internal sealed class StageComparison : IDisposable
{
    private const int Latent = 32, Width = 32, Batch = 16, Side = 64;
    private static readonly GanLoss Loss = GanLoss.NonSaturating;
    private readonly DcGanGenerator generator;
    private readonly DcGanDiscriminator discriminator;
    private readonly Adam painting, judging;

    public StageComparison(ulong seed)
    {
        TorchRuntime.ManualSeed(seed);
        (generator, discriminator) = (new(Latent, 1, Width), new(1, Width, DcGanNorm.Group));
        painting = new Adam(generator.Parameters(), 2e-4, 0.5, 0.999);
        judging = new Adam(discriminator.Parameters(), 2e-4, 0.5, 0.999);
    }

    /// <summary>The largest relative difference, of both players' parameters, of gradients of one pass and of separate ones.</summary>
    public double Difference()
    {
        using var scope = new TensorScope();
        Tensor z = Tensor.Randn([Batch, Latent]), reals = Reals();
        Forget();
        var fakes = generator.Call(z);
        Loss.OfDiscriminator(discriminator.Call(reals), discriminator.Call(fakes.Detach())).Backward();
        var wanted = Found(discriminator);
        Forget();
        Loss.OfGenerator(discriminator.Call(fakes)).Backward();
        wanted.AddRange(Found(generator));
        Forget();
        OneStage.Backward(Loss, generator.Call(z), discriminator.Call, reals);
        var found = Found(discriminator);
        found.AddRange(Found(generator));
        Forget();
        return wanted.Zip(found).Max(pair => Relative(pair.First, pair.Second));
    }

    /// <summary>The processor's seconds of the middle one of several steps, after one that is not counted.</summary>
    public double Seconds(bool oneStage, int repetitions)
    {
        var taken = new List<double>();
        for (int k = 0; k <= repetitions; k++)
        {
            double before = Used();
            Step(oneStage);
            if (k > 0) taken.Add(Used() - before);
        }

        return taken.Order().ElementAt(taken.Count / 2);
    }

    public void Dispose()
    {
        painting.Dispose();
        judging.Dispose();
        generator.Dispose();
        discriminator.Dispose();
    }

    private static double Used() => Environment.CpuUsage.TotalTime.TotalSeconds;

    private static double Relative(Tensor wanted, Tensor found)
    {
        double length = wanted.Norm().Item<double>(), gap = (wanted - found).Norm().Item<double>();
        return length > 0 ? gap / length : gap;
    }

    // A bias before a norm has a gradient of rounding alone.
    private static List<Tensor> Found(Module network)
    {
        var all = network.NamedParameters().Select(named => (named.Name, Gradient: named.Parameter.Grad!.Clone())).ToList();
        double largest = all.Max(entry => entry.Gradient.Norm().Item<double>());
        return [.. all.Where(entry => entry.Gradient.Norm().Item<double>() > 1e-6 * largest).Select(entry => entry.Gradient)];
    }

    private static Tensor Reals() => Tensor.Rand([Batch, 1, Side, Side]) * 2 - 1;

    private void Step(bool oneStage)
    {
        using var scope = new TensorScope();
        var reals = Reals();
        Forget();
        if (oneStage)
        {
            OneStage.Backward(Loss, generator.Call(Tensor.Randn([Batch, Latent])), discriminator.Call, reals);
            judging.Step();
            painting.Step();
            return;
        }

        Tensor fakes;
        using (Gradients.Off()) fakes = generator.Call(Tensor.Randn([Batch, Latent]));
        Loss.OfDiscriminator(discriminator.Call(reals), discriminator.Call(fakes)).Backward();
        judging.Step();
        painting.ZeroGrad();
        Loss.OfGenerator(discriminator.Call(generator.Call(Tensor.Randn([Batch, Latent])))).Backward();
        painting.Step();
    }

    private void Forget()
    {
        generator.ZeroGrad();
        discriminator.ZeroGrad();
    }
}
