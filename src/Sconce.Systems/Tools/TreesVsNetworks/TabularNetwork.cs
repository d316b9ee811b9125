using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>The network that trees are compared with: <c>(N, width) -> (N, outputs)</c> through two hidden layers with ReLU.</summary>
public sealed partial class TabularNetwork : Module<Tensor, Tensor>
{
    /// <summary>Makes one.</summary>
    /// <param name="width">Numbers a row: <see cref="Tables.TablePreparation.Width"/>.</param>
    /// <param name="outputs">1 for a number, else one a class.</param>
    /// <param name="hidden">Of both hidden layers.</param>
    public TabularNetwork(int width, int outputs, int hidden = 128) =>
        Layers = new Sequential(new Linear(width, hidden), new Relu(), new Linear(hidden, hidden), new Relu(), new Linear(hidden, outputs));

    /// <summary>The layers.</summary>
    public Sequential Layers { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Layers.Call(x);

    /// <summary>
    /// Trains a network for numbers: AdamW at 1e-3 with a decay of 1e-2, batches of 64; the epoch that is best on a fifth of the rows is
    /// kept. Targets are to be
    /// standardised.
    /// </summary>
    /// <param name="inputs"><c>(N, width)</c></param>
    /// <param name="targets"><c>(N)</c></param>
    /// <param name="epochs">1 at least.</param>
    /// <param name="seed">Of weights, split and order.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    public static TabularNetwork Fit(Tensor inputs, Tensor targets, int epochs, int seed, CancellationToken cancellation = default)
    {
        const int batch = 64;
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed((ulong)seed);
        using var order = new Generator((ulong)seed + 1000);
        var network = new TabularNetwork((int)inputs.Size(1), 1);
        using var optimizer = new AdamW(network.Parameters(), 1e-3, weightDecay: 1e-2);
        long held = Math.Max(1, inputs.Size(0) / 5), learnt = inputs.Size(0) - held;
        long[] places = Tensor.Randperm(inputs.Size(0), order, DType.Int64).ToArray<long>();
        Tensor watched = Tensor.From(places.AsSpan(0, (int)held)), watchedInputs = inputs[watched], watchedTargets = targets[watched];
        double least = double.PositiveInfinity;
        List<Tensor> best = [.. network.Parameters().Select(parameter => parameter.Detach().Clone())];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            long[] turn = Tensor.Randperm(learnt, order, DType.Int64).ToArray<long>();
            for (int start = 0; start < learnt; start += batch)
            {
                cancellation.ThrowIfCancellationRequested();
                using var step = new TensorScope();
                long[] rows = [.. turn.Skip(start).Take(batch).Select(k => places[held + k])];
                var chosen = Tensor.From(rows);
                optimizer.ZeroGrad();
                (network.Call(inputs[chosen]).Squeeze(1) - targets[chosen]).Square().Mean().Backward();
                optimizer.Step();
            }

            using var noGrad = Gradients.Off();
            using var evaluation = new TensorScope();
            double loss = (network.Call(watchedInputs).Squeeze(1) - watchedTargets).Square().Mean().Item<double>();
            if (!(loss < least)) continue;
            least = loss;
            foreach (var (kept, parameter) in best.Zip(network.Parameters())) kept.CopyInPlace(parameter);
        }

        using (Gradients.Off())
        {
            foreach (var (kept, parameter) in best.Zip(network.Parameters())) parameter.CopyInPlace(kept);
        }

        optimizer.ZeroGrad();
        return network;
    }
}
