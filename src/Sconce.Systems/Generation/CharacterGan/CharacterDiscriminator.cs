using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>What a discriminator of several scales says.</summary>
/// <param name="Scales">
/// The largest scale first; of each, the features of its layers, the last one being the judgements <c>(N, 1, H', W')</c>.
/// </param>
public sealed record ScaleJudgements(IReadOnlyList<IReadOnlyList<Tensor>> Scales) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => Scales.SelectMany(features => features);

    /// <summary>The judgements of each scale.</summary>
    public IEnumerable<Tensor> Judgements => Scales.Select(features => features[^1]);
}

/// <summary>
/// Judges patches of a picture together with its condition, at several scales: <c>(N, inputs, H, W)</c> to judgements, higher for what
/// looks real. 1711.11585 §3.2 (pix2pixHD); networks.py <c>MultiscaleDiscriminator</c>.
/// </summary>
public sealed class CharacterDiscriminator : Module<Tensor, ScaleJudgements>
{
    private const int Kernel = 4, Padding = 2, Widest = 512;
    private readonly Module<Tensor, Tensor>[][] scales;
    private readonly bool features;

    /// <summary>Draws its first weights as the official code does.</summary>
    /// <param name="inputs">Channels of condition and picture together.</param>
    /// <param name="width">Channels of the first maps.</param>
    /// <param name="layers">How many convolutions halve the maps.</param>
    /// <param name="scaleCount">Scales; each halves the picture once more.</param>
    /// <param name="norm">What follows all but the first and last convolution.</param>
    /// <param name="features">Whether features are handed out too; the keys differ.</param>
    /// <param name="sigmoid">Whether judgements end in (0, 1); officially only where features are not handed out.</param>
    public CharacterDiscriminator(
        int inputs, int width = 64, int layers = 3, int scaleCount = 2, CharacterNorm norm = CharacterNorm.Instance, bool features = true,
        bool sigmoid = false)
    {
        this.features = features;
        scales = [.. Enumerable.Range(0, scaleCount)
            .Select(_ => Layers(inputs, width, layers, norm).Select(layer => new Sequential(layer)).ToArray())];
        if (!features) scales = [.. scales.Select(scale => (Module<Tensor, Tensor>[])[Joined(scale, sigmoid)])];
        CharacterLayers.DrawInitialWeights(this);
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        for (int k = 0; k < scales.Length; k++)
        {
            if (!features) visitor.Child($"layer{k}", scales[k][0]);
            else foreach (var (j, layer) in scales[k].Index()) visitor.Child($"scale{k}_layer{j}", layer);
        }
    }

    /// <inheritdoc/>
    protected override ScaleJudgements Forward(Tensor input)
    {
        var answers = new List<IReadOnlyList<Tensor>>();
        foreach (var scale in scales.Reverse()) // officially the last one is the largest
        {
            if (answers.Count > 0) input = input.AvgPool2d([3, 3], [2, 2], [1, 1], countIncludePad: false);
            var seen = new List<Tensor>();
            foreach (var layer in scale) seen.Add(layer.Call(seen.Count > 0 ? seen[^1] : input));
            answers.Add(seen);
        }

        return new(answers);
    }

    private static IEnumerable<Module<Tensor, Tensor>[]> Layers(int inputs, int width, int layers, CharacterNorm norm)
    {
        yield return [new Conv2d(inputs, width, Kernel, 2, Padding), new LeakyRelu(0.2)];
        for (int k = 1; k <= layers; k++)
        {
            int next = Math.Min(2 * width, Widest);
            yield return [new Conv2d(width, next, Kernel, k < layers ? 2 : 1, Padding), CharacterLayers.Norm(norm, next),
                new LeakyRelu(0.2)];
            width = next;
        }

        yield return [new Conv2d(width, 1, Kernel, 1, Padding)];
    }

    private static Sequential Joined(Module<Tensor, Tensor>[] layers, bool sigmoid)
    {
        var all = new Sequential(layers.SelectMany(layer => (Sequential)layer));
        if (sigmoid) all.Add(new Sigmoid());
        return all;
    }
}
