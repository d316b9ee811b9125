using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>
/// Judges screens by convolutions of several lengths over their tokens: <c>(N, L) -> (N, classes)</c> log-probabilities; class 1 is real.
/// 1609.05473 §3.3 and appendix; GUIGAN code/discriminator.py.
/// </summary>
public sealed partial class ScreenDiscriminator : Module<Tensor, Tensor>
{
    private readonly int longest;

    /// <summary>Draws its first weights as the official code does.</summary>
    /// <param name="vocabulary">As the generator's.</param>
    /// <param name="width">Of a token's vector.</param>
    /// <param name="lengths">Of the filters, in tokens; the official twelve where left out.</param>
    /// <param name="counts">How many filters of each length.</param>
    /// <param name="classes">Fake and real.</param>
    /// <param name="dropout">Before the last layer.</param>
    /// <exception cref="ArgumentException">Lengths and counts are not as many.</exception>
    public ScreenDiscriminator(
        int vocabulary, int width = 64, IReadOnlyList<int>? lengths = null, IReadOnlyList<int>? counts = null, int classes = 2,
        double dropout = 0.5)
    {
        lengths ??= [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20];
        counts ??= [100, 200, 200, 200, 200, 100, 100, 100, 100, 100, 160, 160];
        if (lengths.Count != counts.Count || lengths.Count == 0)
        {
            throw new ArgumentException($"GUIGAN: {lengths.Count} lengths of filters and {counts.Count} counts of them", nameof(counts));
        }

        longest = lengths.Max();
        int features = counts.Sum();
        Emb = new Embedding(vocabulary, width);
        Convs = new(lengths.Zip(counts, (length, count) => new Conv2d(1, count, (length, width))));
        Highway = new Linear(features, features);
        Dropout = new Dropout(dropout);
        Lin = new Linear(features, classes);
        GuiganLayers.DrawInitialWeights(this);
    }

    internal Embedding Emb { get; }

    internal ModuleList<Conv2d> Convs { get; }

    internal Linear Highway { get; }

    internal Dropout Dropout { get; }

    internal Linear Lin { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor tokens)
    {
        if (tokens.Dimensions != 2 || tokens.Size(1) < longest)
        {
            throw new TorchException(
                $"GUIGAN: screens of shape [{string.Join(", ", tokens.Shape.ToArray())}]; "
                + $"the longest filter needs (N, {longest}) tokens at least");
        }

        var text = Emb.Call(tokens).Unsqueeze(1); // (N, 1, L, width)
        var largest = Convs.Select(filters => filters.Call(text).Relu().Amax([2, 3])); // each (N, count)
        var features = Tensor.Cat([.. largest], 1);
        var change = Highway.Call(features);
        var gate = change.Sigmoid();
        var mixed = (gate * change.Relu()) + ((1 - gate) * features); // 1505.00387, with one layer for gate and change
        return Lin.Call(Dropout.Call(mixed)).LogSoftmax(-1);
    }
}
