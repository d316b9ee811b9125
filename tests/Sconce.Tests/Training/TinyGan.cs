using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Tests.Training;

/// <summary>Points on a ring. <c>(N, 2)</c></summary>
internal sealed class RingBatches(int batches, int size) : IBatchSource<Tensor>
{
    public int BatchesPerEpoch => batches;

    public async IAsyncEnumerable<Tensor> Epoch(int epoch, int first = 0, [System.Runtime.CompilerServices.EnumeratorCancellation]
        CancellationToken cancellationToken = default)
    {
        for (int batch = first; batch < batches; batch++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
            yield return Make(epoch, batch);
        }
    }

    private Tensor Make(int epoch, int batch)
    {
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)((epoch * 1000) + batch));
        var angles = Tensor.Rand([size], generator) * (2 * Math.PI);
        return scope.KeepForever(Tensor.Stack([angles.Cos(), angles.Sin()], 1));
    }
}

/// <summary>
/// Two players: a discriminator with a gradient penalty every fourth step, a generator that is averaged, and a probability of noise that
/// adapts to the discriminator's answers.
/// </summary>
internal sealed class TinyGan : TrainingProgram<Tensor>, IDisposable
{
    private readonly Player discriminator, generator;
    private double probability = 0.2;

    public TinyGan(ulong seed, int generatorEvery = 1)
    {
        TorchRuntime.ManualSeed(seed);
        G = new Sequential { ["in"] = new Linear(4, 8), ["norm"] = new BatchNorm1d(8), ["act"] = new Relu(), ["out"] = new Linear(8, 2) };
        D = new Sequential { ["in"] = new Linear(2, 8), ["act"] = new Tanh(), ["out"] = new Linear(8, 1) };
        discriminator = new Player("discriminator", D, new Adam(D.Parameters(), 2e-3, beta1: 0.5),
            LearningRateSchedule.Linear(2e-3, 1e-3, 20))
        { ClipNorm = 1 };
        generator = new Player("generator", G, new Adam(G.Parameters(), 2e-3, beta1: 0.5), LearningRateSchedule.Constant(2e-3))
        {
            Average = WeightAveraging.Exponential(0.9),
            Every = generatorEvery,
        };
    }

    public Sequential G { get; }

    public Sequential D { get; }

    /// <summary>Whether each network's other player left gradients on it when it was looked at.</summary>
    public bool LeavesForeignGradients { get; private set; }

    public int GeneratorLosses { get; private set; }

    public List<string> Samples { get; } = [];

    public override IReadOnlyList<Player> Players => [discriminator, generator];

    public override Module Product => G;

    public override string Items => "points";

    public override int Count(Tensor batch) => (int)batch.Size(0);

    public override void Save(SavedState state) => state.Set("probability", probability);

    public override void Load(SavedState state) => probability = state.Number("probability");

    protected internal override void Step(Tensor batch, TrainingStep step)
    {
        step.Update(discriminator, () =>
        {
            var fakes = G.Call(Tensor.Randn([batch.Size(0), 4]));
            var real = D.Call(Noisy(batch));
            step.Report("real", real.Mean().Item<double>());
            return (1 - real).Relu().Mean() + (1 + D.Call(Noisy(fakes))).Relu().Mean();
        });
        if (step.IsDue(4)) step.Update(discriminator, () => Penalty(batch) * 4);
        step.Update(generator, () =>
        {
            GeneratorLosses++;
            return -D.Call(Noisy(G.Call(Tensor.Randn([batch.Size(0), 4])))).Mean();
        });
        LeavesForeignGradients |= D.Parameters().Any(parameter => parameter.Grad is not null)
            || D.Parameters().Any(parameter => !parameter.RequiresGrad);
    }

    protected internal override void Stepped(long step) => probability += D.Call(Tensor.Ones([1, 2])).Item<double>() > 0 ? 0.01 : -0.01;

    protected internal override void WriteSamples(SampleFolder samples)
    {
        Tensor.Randn([5]); // what is drawn here does not change the run
        string file = samples.File("points.txt");
        File.WriteAllText(file, string.Join(' ', G.Call(samples.Latents(3, 4)).ToArray<float>()));
        Samples.Add(file);
    }

    private Tensor Noisy(Tensor points) => points + (Tensor.Randn(points.Shape) * probability);

    /// <summary>R1: the squared gradient of the answers with respect to real points.</summary>
    private Tensor Penalty(Tensor batch)
    {
        var reals = batch.Clone().WithGrad();
        var slopes = Gradients.Of([D.Call(reals).Sum()], [reals], createGraph: true)[0];
        return slopes.Square().Sum([1L]).Mean();
    }

    /// <summary>How far the generated points' mean radius is from 1.</summary>
    public FigureSet Figures()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return new FigureSet { Figure.Lower("radius", Math.Abs(1 - G.Call(Tensor.Randn([32, 4])).Norm(2, [1]).Mean().Item<double>())) };
    }

    public void Dispose()
    {
        foreach (var player in Players) player.Dispose();
        G.Dispose();
        D.Dispose();
    }
}
