using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>
/// Puts batch norms into the convolutions before them, so that integer arithmetic needs no norm. Which belong together is seen while the
/// network answers: the norm reads what the convolution just made, as it made it, each time and no other's. Disposed, the norms stand
/// again.
/// </summary>
/// <param name="network">In evaluation mode.</param>
/// <param name="layers">Its layers in smaller form.</param>
internal sealed class NormFolding(Module<Tensor, Tensor> network, IReadOnlyList<CompressedLayer> layers) : IDisposable
{
    private const double Tolerance = 1e-2;    // of the answer's rms: deep untrained networks blow rounding up
    private readonly List<BatchNorm2d> norms =
        [.. network.NamedModules().Select(named => named.Module).OfType<BatchNorm2d>().Where(norm => norm.RunningMean is not null)];

    private readonly Dictionary<CompressedLayer, int> made = [];
    private readonly Dictionary<BatchNorm2d, int> read = [];
    private readonly Dictionary<(CompressedLayer Layer, BatchNorm2d Norm), int> together = [];
    private (CompressedLayer Layer, Tensor Answer, Tensor Copy)? last;

    /// <summary>Looks at one answer of the network, folds, and takes it back where the answer is another one then.</summary>
    /// <param name="input">Pictures.</param>
    /// <returns>How many norms were folded.</returns>
    public int Fold(Tensor input)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        foreach (var layer in layers.Where(layer => layer.TakesNorms)) layer.Told = Remember;
        foreach (var norm in norms) norm.Substitute = x => Recognise(norm, x);
        Tensor before;
        try
        {
            before = network.Call(input.Clone());
        }
        finally
        {
            foreach (var layer in layers) layer.Told = null;
            Dispose();
        }

        var pairs = together.Where(pair => pair.Value == made[pair.Key.Layer] && pair.Value == read[pair.Key.Norm])
            .Select(pair => pair.Key).ToList();
        foreach (var (layer, norm) in pairs)
        {
            var gain = (norm.RunningVar! + norm.Eps).Rsqrt();
            if (norm.Weight is not null) gain *= norm.Weight.Detach();
            var shift = -(norm.RunningMean! * gain);
            if (norm.Bias is not null) shift += norm.Bias.Detach();
            layer.Fold(gain, shift);
            norm.Substitute = x => x;
        }

        if (pairs.Count == 0) return 0;
        var after = network.Call(input.Clone());
        double rms = before.Square().Mean().Sqrt().Item<float>(), worst = (after - before).Abs().Max().Item<float>();
        if (worst <= Tolerance * Math.Max(rms, 1e-30)) return pairs.Count;
        foreach (var (layer, norm) in pairs)
        {
            layer.Unfold();
            norm.Substitute = null;
        }

        return 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        last?.Copy.Dispose();
        last = null;
        foreach (var norm in norms) norm.Substitute = null;
    }

    private void Remember(CompressedLayer layer, Tensor answer)
    {
        made[layer] = made.GetValueOrDefault(layer) + 1;
        last?.Copy.Dispose();
        last = (layer, answer, answer.Clone().Hold());
    }

    // Something may have written into the answer in between.
    private Tensor Recognise(BatchNorm2d norm, Tensor input)
    {
        read[norm] = read.GetValueOrDefault(norm) + 1;
        if (last is { } pair && ReferenceEquals(pair.Answer, input) && (pair.Copy - input).Abs().Max().Item<float>() == 0)
            together[(pair.Layer, norm)] = together.GetValueOrDefault((pair.Layer, norm)) + 1;
        var mine = norm.Substitute;
        norm.Substitute = null;
        var answer = norm.Call(input);
        norm.Substitute = mine;
        return answer;
    }
}
