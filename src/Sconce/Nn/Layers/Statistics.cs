using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Means and variances that a normalisation takes of its own input.</summary>
public static class Statistics
{
    /// <summary>Refuses one value, whose variance is 0 and whose unbiased variance is no number: everything would become the offset, and
    /// running variances NaN. As PyTorch's <c>_verify_batch_size</c>.</summary>
    /// <param name="layer">What the error calls the layer.</param>
    /// <param name="input">What it was given.</param>
    /// <param name="values">Over how many values one mean is taken.</param>
    /// <param name="each">Of what: a channel, a map.</param>
    /// <exception cref="TorchException">It is one value.</exception>
    public static void Verify(string layer, Tensor input, long values, string each)
    {
        if (values != 1) return;
        throw new TorchException(
            $"{layer}: an input of shape [{string.Join(", ", input.Shape.ToArray())}] has one value a {each}, of which there is no "
                + "variance to normalise by while training. Take batches of two at least, or larger pictures");
    }
}
