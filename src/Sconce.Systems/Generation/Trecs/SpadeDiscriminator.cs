using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>What SPADE's discriminator says.</summary>
/// <param name="Scales">The largest first; of each, its layers' features, the last being the judgements <c>(N, 1, H', W')</c>.</param>
public sealed record SpadeJudgements(IReadOnlyList<IReadOnlyList<Tensor>> Scales) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => Scales.SelectMany(features => features);
}

/// <summary>
/// Judges patches of a picture together with its map of labels at several scales: <c>(N, labels + 3, H, W)</c> to judgements. 1903.07291
/// appendix A; NVlabs/SPADE@fecacc9 models/networks/discriminator.py <c>MultiscaleDiscriminator</c>.
/// </summary>
public sealed class SpadeDiscriminator : Module<Tensor, SpadeJudgements>
{
    private const int Kernel = 4, Padding = 2, Widest = 512;
    private readonly Sequential[][] scales;

    /// <summary>PyTorch's initial weights.</summary>
    /// <param name="inputs">Channels of map and picture together.</param>
    /// <param name="width">Channels of the first maps.</param>
    /// <param name="layers">Convolutions before the last.</param>
    /// <param name="scaleCount">Scales; each halves the picture once more.</param>
    public SpadeDiscriminator(int inputs, int width = 64, int layers = 4, int scaleCount = 2)
    {
        scales = [.. Enumerable.Range(0, scaleCount).Select(_ => Layers(inputs, width, layers).ToArray())];
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        for (int k = 0; k < scales.Length; k++)
        {
            foreach (var (j, layer) in scales[k].Index()) visitor.Child($"discriminator_{k}.model{j}", layer);
        }
    }

    /// <inheritdoc/>
    protected override SpadeJudgements Forward(Tensor input)
    {
        var answers = new List<IReadOnlyList<Tensor>>();
        foreach (var scale in scales)
        {
            if (answers.Count > 0) input = input.AvgPool2d([3, 3], [2, 2], [1, 1], countIncludePad: false);
            var features = new List<Tensor>();
            foreach (var layer in scale) features.Add(layer.Call(features.Count > 0 ? features[^1] : input));
            answers.Add(features);
        }

        return new(answers);
    }

    /// <summary>Those between the first and the last are spectrally normalised and have an instance norm in place of offsets.</summary>
    private static IEnumerable<Sequential> Layers(int inputs, int width, int layers)
    {
        yield return new(new Conv2d(inputs, width, Kernel, 2, Padding), new LeakyRelu(0.2));
        for (int k = 1; k < layers; k++)
        {
            int next = Math.Min(2 * width, Widest);
            var layer = new Conv2d(width, next, Kernel, k == layers - 1 ? 1 : 2, Padding, bias: false);
            yield return new(new Sequential(new SpectralNorm(layer), new InstanceNorm2d(next)), new LeakyRelu(0.2));
            width = next;
        }

        yield return new(new Conv2d(width, 1, Kernel, 1, Padding));
    }
}
