using System.Globalization;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Science.HumanError;

/// <summary>One set of annotated pictures of the claim, its networks and its measures. Its tensors belong to the scope in which it is
/// made.</summary>
internal sealed class HumanErrorRun
{
    private const int Batch = 8, Fresh = 80;
    internal static readonly UNetConfig Config = new(1, 8, 3, FlippedEllipses.Classes);
    private readonly Reliability[] annotators;
    private readonly Tensor pictures, freshPictures, freshMasks;
    private readonly Tensor[] labels;
    private readonly int seed;

    internal HumanErrorRun(Reliability[] annotators, int count, int seed)
    {
        (this.annotators, this.seed) = (annotators, seed);
        using var generator = new Generator((ulong)seed);
        (pictures, var masks) = FlippedEllipses.Sample(count, generator);
        labels = [.. annotators.Select(annotator => FlippedEllipses.Annotate(masks, annotator, generator))];
        (freshPictures, freshMasks) = FlippedEllipses.Sample(Fresh, generator);
        TorchRuntime.ManualSeed((ulong)seed);
    }

    internal AnnotatorUNet PixelWise()
    {
        var network = new AnnotatorUNet(Config);
        foreach (var annotator in network.DecodersNoisyLayers) annotator.StartNearIdentity(FlippedEllipses.Classes);
        return network;
    }

    internal GlobalAnnotatorUNet Global()
    {
        var network = new GlobalAnnotatorUNet(Config);
        using var inner = new TensorScope();
        using var noGrad = Gradients.Off();
        foreach (var annotator in network.DecodersNoisyLayers) annotator.Weights.CopyInPlace((Tensor.Eye(FlippedEllipses.Classes) * 4) - 2);
        return network;
    }

    /// <summary>The same U-Net without annotators.</summary>
    internal AnnotatorUNet AllLabels() => new(Config with { Annotators = 1 });

    /// <summary>Trains on every annotator's labels: through its matrix, or, without one for each, as if they were true.</summary>
    internal IReadOnlyList<double> Train(Module<Tensor, Tensor> network, double rate, int steps, string name,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var optimizer = new AdamW(network.Parameters(), rate, weightDecay: 2e-5);
        var random = new Random(seed);
        var losses = new List<double>(steps);
        network.Train();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = new TensorScope();
            var batch = Tensor.From(Enumerable.Range(0, Batch).Select(_ => (long)random.Next((int)pictures.Size(0))).ToArray());
            Tensor[] written = [.. labels.Select(label => label[batch])];
            optimizer.ZeroGrad();
            var loss = network is IAnnotatorNetwork modelled && !IsPlain(network)
                ? NoisyLabels.Compute(modelled.Annotate(pictures[batch]), written, traceWeight: 0).Total
                : Plain(network.Call(pictures[batch]), written);
            loss.Backward();
            losses.Add(loss.Item<double>());
            optimizer.Step();
            if (step % 10 == 0)
                progress?.Report(new WorkProgress(name, step, steps,
                    string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.000}")));
        }

        optimizer.ZeroGrad();
        return losses;
    }

    /// <summary>The mean squared difference of each annotator's mean matrix, a true class at a time, from the true one.</summary>
    internal double MatrixError(AnnotatorUNet network)
    {
        using var inner = new TensorScope();
        using var noGrad = Gradients.Off();
        network.Eval();
        var matrices = network.Annotate(freshPictures).Matrices;
        double sum = 0;
        for (int r = 0; r < annotators.Length; r++)
        {
            // (N, H, W, annotated, true)
            var normalized = NoisyLabels.Normalize(matrices[r], FlippedEllipses.Classes).Permute([0, 3, 4, 1, 2]);
            double background = normalized[freshMasks.Eq(0)].Mean([0])[0, 0].Item<double>(),
                foreground = normalized[freshMasks.Eq(1)].Mean([0])[1, 1].Item<double>();
            // a column's two entries miss by the same
            sum += Square(background - annotators[r].Background) + Square(foreground - annotators[r].Foreground);
        }

        return sum / (2 * annotators.Length);

        static double Square(double value) => value * value;
    }

    /// <summary>The mean squared difference of the foreground's probability from the clean mask.</summary>
    internal double Brier(Module<Tensor, Tensor> network)
    {
        using var inner = new TensorScope();
        using var noGrad = Gradients.Off();
        network.Eval();
        return (network.Call(freshPictures).Softmax(1).Select(1, 1) - freshMasks.To(DType.Float32)).Square().Mean().Item<double>();
    }

    internal double Dice(Module<Tensor, Tensor> network)
    {
        using var inner = new TensorScope();
        using var noGrad = Gradients.Off();
        network.Eval();
        return NoisyLabels.Dice(network.Call(freshPictures).Argmax(1), freshMasks, FlippedEllipses.Classes);
    }

    private static bool IsPlain(Module<Tensor, Tensor> network) => network is AnnotatorUNet { DecodersNoisyLayers.Count: 1 };

    private static Tensor Plain(Tensor logits, Tensor[] written)
    {
        using var inner = new TensorScope();
        return inner.Keep(written.Select(label => Functional.CrossEntropy(logits, label)).Aggregate((sum, loss) => sum + loss));
    }
}
