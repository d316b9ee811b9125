using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>While training, zeroes each number with probability <c>rate</c> and scales the others by 1/(1 − rate).</summary>
public sealed class Dropout(double rate = 0.5) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Training && rate > 0 ? Functional.Dropout(input, rate, true) : input;
}

/// <summary>While training, zeroes whole channels with probability <c>rate</c>; <c>(N, C, H, W)</c>.</summary>
public sealed class Dropout2d(double rate = 0.5) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Training && rate > 0 ? Functional.FeatureDropout(input, rate, true) : input;
}

/// <summary>Stochastic depth: while training, zeroes the whole branch of an item with probability <c>rate</c>. 1603.09382.</summary>
/// <param name="rate">In [0, 1).</param>
/// <param name="scaleByKeep">Whether survivors are scaled by 1/(1 − rate), as timm does; NFNet's official code does not.</param>
public sealed class DropPath(double rate = 0, bool scaleByKeep = true) : Module<Tensor, Tensor>
{
    /// <summary>The probability of being dropped.</summary>
    public double Rate => rate;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        if (!Training || rate <= 0) return input;
        var shape = new long[input.Dimensions];
        Array.Fill(shape, 1);
        shape[0] = input.Size(0);
        var mask = Tensor.Empty(shape, input.DType, device: input.Device).BernoulliInPlace(1 - rate);
        if (scaleByKeep) mask.DivInPlace(1 - rate);
        return input * mask;
    }
}
