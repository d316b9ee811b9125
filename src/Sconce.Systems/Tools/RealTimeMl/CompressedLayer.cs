using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>A convolution or linear layer in a smaller form, which answers in its place until it is disposed.</summary>
internal sealed class CompressedLayer : IDisposable
{
    private readonly Conv2d? convolution;
    private readonly Linear? linear;
    private const int Made = 2;    // of the ranges: what is read, what lies between two factors, what is made
    private readonly (double Least, double Most)[] ranges = [(0, 0), (0, 0), (0, 0)];
    private Parameter? left, right;
    private Tensor? mask, foldedWeight, foldedBias;
    private Tensor[]? rounded;
    private bool watches;

    /// <summary>Takes the place of a convolution or of a linear layer.</summary>
    public CompressedLayer(string name, Module layer)
    {
        (Name, convolution, linear) = (name, layer as Conv2d, layer as Linear);
        if (convolution is not null) convolution.Substitute = Answer;
        if (linear is not null) linear.Substitute = Answer;
    }

    /// <summary>Dotted.</summary>
    public string Name { get; }

    /// <summary>Told what the layer answered, while that is wanted.</summary>
    public Action<CompressedLayer, Tensor>? Told { get; set; }

    /// <summary>Whether a norm can be taken in.</summary>
    public bool TakesNorms => convolution is not null;

    /// <summary>Whether it was asked about pictures while it watched.</summary>
    public bool WasAsked { get; private set; }

    /// <summary>Rows by what each reads.</summary>
    public (long Rows, long Width) Size => (Weight.Size(0), Weight.Elements / Weight.Size(0));

    /// <summary>What is trained of it beside the layer's own bias.</summary>
    public IEnumerable<Parameter> Learned => left is not null ? [left, right!] : [Weight];

    /// <summary>Numbers that it has, without zeros of pruning.</summary>
    public long Numbers => left is not null ? left.Elements + right!.Elements : Weight.Elements;

    private Parameter Weight => convolution?.Weight ?? linear!.Weight;

    private Parameter? Bias => convolution is not null ? convolution.Bias : linear!.Bias;

    /// <summary>Whether a layer can be compressed.</summary>
    public static bool Fits(Module layer) => layer is Linear or Conv2d;

    /// <summary>Two factors in place of the weights, where they are fewer numbers; a convolution of groups stays whole.</summary>
    /// <returns>Whether they are.</returns>
    public bool Factor(int rank)
    {
        var (rows, width) = Size;
        if (convolution is { Groups: > 1 } || rank * (rows + width) >= rows * width) return false;
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var (first, second) = Compression.LowRank(Weight.Flatten(1), rank);
        (left, right) = (new Parameter(scope.KeepForever(first.Clone())), new Parameter(scope.KeepForever(second.Clone())));
        return true;
    }

    /// <summary>Sets the smallest weights to 0, and keeps them there (<see cref="Hold"/>).</summary>
    public void Prune(double share)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        mask = scope.KeepForever(Compression.PruningMask(Weight, share));
        Hold();
    }

    /// <summary>After a step: what was pruned is 0 again.</summary>
    public void Hold()
    {
        if (mask is null) return;
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        Weight.CopyInPlace(Weight * mask);
    }

    /// <summary>Takes a norm in that reads what it makes: <c>y -> gain y + shift</c>.</summary>
    /// <param name="gain"><c>(rows)</c></param>
    /// <param name="shift"><c>(rows)</c></param>
    public void Fold(Tensor gain, Tensor shift)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        Tensor last = left ?? Weight;
        foldedWeight = scope.KeepForever(last.Detach() * gain.Reshape([-1, .. Enumerable.Repeat(1L, last.Dimensions - 1)]));
        foldedBias = scope.KeepForever(Bias is null ? shift.Clone() : (Bias.Detach() * gain) + shift);
    }

    /// <summary>Takes <see cref="Fold"/> back.</summary>
    public void Unfold()
    {
        foldedWeight?.Dispose();
        foldedBias?.Dispose();
        (foldedWeight, foldedBias) = (null, null);
    }

    /// <summary>Notes the ranges of what it reads and makes, until it is rounded.</summary>
    public void Watch() => watches = true;

    /// <summary>Weights become int8 with a scale a row, what it reads unsigned bytes over the range that was seen, and likewise what a
    /// convolution makes.</summary>
    public void Round()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        watches = false;
        Tensor last = foldedWeight ?? left ?? Weight;
        Tensor[] weights = left is not null ? [right!, last] : [last];
        rounded = new Tensor[weights.Length];
        for (int k = 0; k < weights.Length; k++)
        {
            rounded[k] = scope.KeepForever(Compression.Int8Rounded(weights[k].Detach(), perRow: true));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (convolution is not null) convolution.Substitute = null;
        if (linear is not null) linear.Substitute = null;
        foreach (var tensor in (Tensor?[])[left, right, mask, foldedWeight, foldedBias, .. rounded ?? []]) tensor?.Dispose();
    }

    private Tensor Answer(Tensor input)
    {
        if (watches) WasAsked = true;
        var answer = Multiplied(Seen(0, input));
        // What a linear layer makes is mostly an answer or a summand in floating point: it stays as exact as it is.
        if (convolution is not null) answer = Seen(Made, answer);
        Told?.Invoke(this, answer);
        return answer;
    }

    private Tensor Multiplied(Tensor x)
    {
        var bias = foldedBias ?? Bias;
        if (left is null) return Apply(rounded?[0] ?? foldedWeight ?? Weight, x, bias);
        var inner = Seen(1, Apply(rounded?[0] ?? right!, x, null));
        var outer = rounded?[1] ?? foldedWeight ?? left;
        return convolution is null ? Functional.Linear(inner, outer, bias)
            : Functional.Conv2d(inner, outer.Unsqueeze(-1).Unsqueeze(-1), bias, [1, 1], [0, 0], [1, 1], 1);
    }

    private Tensor Apply(Tensor weight, Tensor x, Tensor? bias)
    {
        if (convolution is null) return Functional.Linear(x, weight, bias);
        var kernel = weight.Dimensions == 4 ? weight : weight.Reshape([-1, .. convolution.Weight.Shape[1..]]);
        return Functional.Conv2d(
            x, kernel, bias, convolution.Stride, convolution.Padding, convolution.Dilation, left is null ? convolution.Groups : 1);
    }

    private Tensor Seen(int place, Tensor x)
    {
        if (watches)
        {
            using var scope = new TensorScope();
            var (least, most) = ranges[place];
            ranges[place] = (Math.Min(least, x.Min().Item<float>()), Math.Max(most, x.Max().Item<float>()));
        }

        if (rounded is null || !WasAsked) return x;
        double scale = Math.Max((ranges[place].Most - ranges[place].Least) / 255, 1e-8);
        return x.FakeQuantizePerTensorAffine(scale, (long)Math.Round(-ranges[place].Least / scale), 0, 255);
    }
}
