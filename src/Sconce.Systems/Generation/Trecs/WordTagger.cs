using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>A BERT's shape. 1810.04805 §3; the values are BERT-base's.</summary>
public sealed record BertConfig
{
    /// <summary>Word pieces.</summary>
    public int Vocabulary { get; init; } = 30_522;

    /// <summary>Width of a token's vector.</summary>
    public int Width { get; init; } = 768;

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 12;

    /// <summary>Heads; the width divides by them.</summary>
    public int Heads { get; init; } = 12;

    /// <summary>Width inside a layer's perceptron.</summary>
    public int Inner { get; init; } = 3072;

    /// <summary>The longest text in tokens.</summary>
    public int Positions { get; init; } = 512;

    /// <summary>Kinds of sentences.</summary>
    public int Types { get; init; } = 2;

    /// <summary>The share of numbers dropped while training.</summary>
    public double Dropout { get; init; } = 0.1;
}

/// <summary>
/// Gives every word piece the label of an object: <c>pieces (N, L), mask (N, L) -> (N, L, labels)</c> logits, zero where the mask is.
/// 2011.03775 §4.1 on 1810.04805; keys of huggingface/transformers <c>BertForTokenClassification</c>.
/// </summary>
public sealed partial class WordTagger : Module<Tensor, Tensor, Tensor>
{
    private readonly double dropout;

    /// <summary>N(0, 0.02) for weights, as BERT begins.</summary>
    /// <param name="config">Its shape.</param>
    /// <param name="labels">Names of objects, with one for none.</param>
    public WordTagger(BertConfig config, int labels)
    {
        Bert = new Bert(config);
        Classifier = new Linear(config.Width, labels);
        dropout = config.Dropout;
        foreach (var (_, module) in NamedModules())
        {
            if (module is Linear linear)
            {
                Init.Normal(linear.Weight, 0.02);
                Init.Constant(linear.Bias!, 0);
            }
            else if (module is Embedding embedding)
            {
                Init.Normal(embedding.Weight, 0.02);
            }
        }
    }

    /// <summary>The encoder.</summary>
    public Bert Bert { get; }

    /// <summary>From a token's vector to labels.</summary>
    public Linear Classifier { get; }

    /// <summary>The mean cross-entropy over tokens that are not masked.</summary>
    /// <param name="logits"><c>(N, L, labels)</c></param>
    /// <param name="labels"><c>(N, L)</c></param>
    /// <param name="mask"><c>(N, L)</c>, 1 where there is a token.</param>
    public static Tensor Loss(Tensor logits, Tensor labels, Tensor mask)
    {
        using var scope = new TensorScope();
        var each = Functional.CrossEntropy(logits.Flatten(0, 1), labels.Flatten(), reduction: Reduction.None);
        var counted = mask.Flatten().To(logits.DType);
        return scope.Keep((each * counted).Sum() / counted.Sum());
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pieces, Tensor mask)
    {
        var states = Bert.Call(pieces, mask);
        if (Training && dropout > 0) states = Functional.Dropout(states, dropout, true);
        return Classifier.Call(states) * mask.Unsqueeze(-1).To(states.DType);
    }
}
