namespace Sconce.Imaging.Resampling;

/// <summary>For every output position along one axis: the first source position it reads, how many, and their weights (Pillow's
/// precompute_coeffs).</summary>
internal sealed class ResampleWeights
{
    private ResampleWeights(int outputs, int stride)
    {
        Stride = stride;
        First = new int[outputs];
        Count = new int[outputs];
        Weights = new double[outputs * stride];
    }

    /// <summary>Weights kept for each output, zeros behind the last used one.</summary>
    internal int Stride { get; }

    internal int[] First { get; }

    internal int[] Count { get; }

    /// <summary>(outputs, Stride), each row summing to 1.</summary>
    internal double[] Weights { get; }

    /// <summary>Of all outputs, or of <paramref name="count"/> of them from <paramref name="from"/> on.</summary>
    internal static ResampleWeights Compute(int inputs, int outputs, ResizeFilter filter, int from = 0, int? count = null)
    {
        var scale = (double)inputs / outputs;
        var widening = Math.Max(scale, 1);
        var support = ResizeKernels.Support(filter) * widening;
        var result = new ResampleWeights(count ?? outputs, checked((int)Math.Ceiling(support) * 2 + 1));
        for (var o = 0; o < result.First.Length; o++)
        {
            var center = (from + o + 0.5) * scale;
            var inverse = 1 / widening;
            var first = Math.Max((int)(center - support + 0.5), 0);
            var taps = Math.Min((int)(center + support + 0.5), inputs) - first;
            var weights = result.Weights.AsSpan(o * result.Stride, result.Stride);
            var sum = 0.0;
            for (var i = 0; i < taps; i++)
                sum += weights[i] = ResizeKernels.Weight(filter, (i + first - center + 0.5) * inverse);
            for (var i = 0; i < taps && sum != 0; i++)
                weights[i] /= sum;
            (result.First[o], result.Count[o]) = (first, taps);
        }
        return result;
    }
}
