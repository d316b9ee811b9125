using Sconce.Nn;
using Sconce.Torch;
using Buffer = Sconce.Nn.Buffer;

namespace Sconce.Systems.Classification.FcaNet;

/// <summary>
/// Squeezes each channel with one basis image of the cosine transform: <c>(N, C, H, W) -> (N, C)</c>, the sum of the products.
/// The n-th equal part of the channels has the n-th frequency; 2012.11879 equation 8, cfzd/FcaNet@aa5fb63 model/layer.py.
/// </summary>
public sealed partial class MultiSpectralDct : Module<Tensor, Tensor>
{
    /// <summary>Computes the basis images.</summary>
    /// <param name="channels">C, a multiple of the number of frequencies.</param>
    /// <param name="size">H and W.</param>
    /// <param name="selection">Frequencies on a 7x7 grid; each is multiplied by <c>H / 7</c> or <c>W / 7</c>, rounded down.</param>
    /// <exception cref="ArgumentException">The channels do not divide.</exception>
    public MultiSpectralDct(int channels, Extent2 size, FrequencySelection selection)
    {
        int count = selection.Frequencies.Count;
        if (count == 0 || channels % count != 0)
            throw new ArgumentException($"multi-spectral attention: {channels} channels do not divide into {count} frequencies",
                nameof(channels));
        Size = size;
        Weight = new Buffer(Filters(channels, size, selection));
    }

    /// <summary>The size of the maps.</summary>
    public Extent2 Size { get; }

    /// <summary>The basis images <c>(C, H, W)</c>; saved, not trained.</summary>
    public Buffer Weight { get; }

    /// <summary>The frequencies as they are used on maps of <paramref name="size"/>, one for each part of the channels.</summary>
    public static IEnumerable<Frequency> Scaled(Extent2 size, FrequencySelection selection) => selection.Frequencies.Select(frequency =>
        new Frequency(frequency.Vertical * (size.Height / FrequencySelection.Grid),
            frequency.Horizontal * (size.Width / FrequencySelection.Grid)));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        if (input.Dimensions != 4 || input.Size(2) != Size.Height || input.Size(3) != Size.Width)
        {
            throw new TorchException($"multi-spectral squeeze: maps of {Size.Height} x {Size.Width} are wanted, not "
                + $"[{string.Join(", ", input.Shape.ToArray())}]");
        }

        return (input * Weight).Sum([2, 3]);
    }

    private static Tensor Filters(int channels, Extent2 size, FrequencySelection selection)
    {
        int count = selection.Frequencies.Count, area = size.Height * size.Width, part = channels / count;
        var filters = new float[channels * area];
        int first = 0;
        foreach (var (vertical, horizontal) in Scaled(size, selection))
        {
            var image = filters.AsSpan(first * area, area);
            double[] rows = Wave(vertical, size.Height), columns = Wave(horizontal, size.Width);
            for (int k = 0; k < area; k++) image[k] = (float)(rows[k / size.Width] * columns[k % size.Width]);
            for (int channel = first + 1; channel < first + part; channel++) image.CopyTo(filters.AsSpan(channel * area, area));
            first += part;
        }

        return Tensor.From(filters, [channels, size.Height, size.Width]);
    }

    /// <summary>One row of the orthonormal DCT-II: cos(π u (p + ½) / P) / √P, times √2 where u is not 0.</summary>
    private static double[] Wave(int frequency, int length)
    {
        double scale = (frequency == 0 ? 1 : Math.Sqrt(2)) / Math.Sqrt(length);
        return [.. Enumerable.Range(0, length).Select(place => Math.Cos(Math.PI * frequency * (place + 0.5) / length) * scale)];
    }
}

/// <summary>
/// Channel attention whose squeeze has several frequencies: <c>(N, C, H, W) -> (N, C, H, W)</c>, each channel times a gate in (0, 1).
/// 2012.11879 §3.2 and Figure 2; cfzd/FcaNet@aa5fb63 model/layer.py <c>MultiSpectralAttentionLayer</c>.
/// </summary>
public sealed partial class MultiSpectralAttention : Module<Tensor, Tensor>
{
    /// <summary>Makes one.</summary>
    /// <param name="channels">C.</param>
    /// <param name="size">The size that the squeeze works at; maps of another are averaged, or repeated, to it first, for the squeeze
    /// only.</param>
    /// <param name="reduction">How much narrower the hidden layer is.</param>
    /// <param name="selection">The frequencies.</param>
    public MultiSpectralAttention(int channels, Extent2 size, int reduction, FrequencySelection selection)
    {
        if (reduction < 1 || channels / reduction < 1)
            throw new ArgumentException($"multi-spectral attention: {channels} channels cannot be reduced {reduction}-fold",
                nameof(reduction));
        DctLayer = new MultiSpectralDct(channels, size, selection);
        Fc = new Sequential(new Linear(channels, channels / reduction, bias: false), new Relu(inPlace: true),
            new Linear(channels / reduction, channels, bias: false), new Sigmoid());
    }

    /// <summary>The squeeze.</summary>
    public MultiSpectralDct DctLayer { get; }

    /// <summary>The excitation; its layers have no biases.</summary>
    public Sequential Fc { get; }

    /// <summary>The squeeze alone: <c>(N, C, H, W) -> (N, C)</c>.</summary>
    public Tensor Squeeze(Tensor x)
    {
        using var scope = new TensorScope();
        var size = DctLayer.Size;
        bool fits = x.Size(2) == size.Height && x.Size(3) == size.Width;
        return scope.Keep(DctLayer.Call(fits ? x : x.AdaptiveAvgPool2d([size.Height, size.Width])));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x * Fc.Call(Squeeze(x)).Reshape([x.Size(0), x.Size(1), 1, 1]);
}
