using Sconce.Adversarial;
using Sconce.Claims;
using Sconce.Optim;
using Sconce.Systems.Generation.DiffAugment;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Osgan;

/// <summary>
/// Two small players on pictures of shapes, in one stage: what the claim keeps to be looked at. Its rule asks nothing of them. All that is
/// drawn follows from the seed.
/// </summary>
internal sealed class ShapesTrial : IDisposable
{
    public const int Known = 500;
    private const int Batch = 16;
    private readonly SmallGenerator generator;
    private readonly SmallDiscriminator discriminator;
    private readonly Adam painting, judging;
    private readonly ExponentialMovingAverage average;
    private readonly Tensor known;

    /// <param name="known">Pictures <c>(N, 3, 16, 16)</c> to learn from.</param>
    /// <param name="seed">What everything is drawn from.</param>
    public ShapesTrial(Tensor known, ulong seed)
    {
        this.known = known;
        TorchRuntime.ManualSeed(seed);
        (generator, discriminator) = (new SmallGenerator(), new SmallDiscriminator());
        painting = new Adam(generator.Parameters(), 1e-3, 0.5, 0.99);
        judging = new Adam(discriminator.Parameters(), 1e-3, 0.5, 0.99);
        average = new ExponentialMovingAverage(generator, 0.99);
    }

    public void Step()
    {
        using var scope = new TensorScope();
        generator.Train();
        var reals = known.IndexSelect(0, Tensor.Randperm(known.Size(0), DType.Int64)[..Batch]);
        judging.ZeroGrad();
        painting.ZeroGrad();
        var fakes = generator.Call(Tensor.Randn([Batch, SmallGenerator.Latent]));
        OneStage.Backward(GanLoss.NonSaturating, fakes, discriminator.Call, reals);
        judging.Step();
        painting.Step();
        average.Update();
    }

    /// <summary>Pictures of the averaged generator, and itself.</summary>
    public (Tensor Painted, ClaimNetwork Kept) Finish(int count)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var averaged = average.Applied();
        generator.Eval();
        var painted = generator.Call(Tensor.Randn([count, SmallGenerator.Latent]));
        return (scope.Keep(painted), ClaimNetwork.Of(OsganClaim.Network.Name, generator));
    }

    public void Dispose()
    {
        average.Dispose();
        painting.Dispose();
        judging.Dispose();
        generator.Dispose();
        discriminator.Dispose();
    }
}
