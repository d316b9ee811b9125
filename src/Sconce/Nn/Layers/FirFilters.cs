using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>The taps of a separable low-pass filter.</summary>
/// <param name="Taps">Along one side; <c>[1, 3, 3, 1]</c> in StyleGAN2.</param>
public sealed record FirTaps(IReadOnlyList<double> Taps)
{
    /// <summary><c>[1, 3, 3, 1]</c></summary>
    public static FirTaps Binomial { get; } = new([1, 3, 3, 1]);

    /// <summary>How many taps there are along one side.</summary>
    public int Length => Taps.Count;

    /// <summary>The kernel <c>(taps, taps)</c>, which sums to <paramref name="gain"/>.</summary>
    public Tensor Kernel(double gain = 1)
    {
        double sum = Taps.Sum();
        return Tensor.From(
            [.. Taps.SelectMany(row => Taps.Select(column => (float)(row * column / (sum * sum) * gain)))], [Length, Length]);
    }
}

/// <summary>
/// Upsampling with zeros, a filter, downsampling, in one. rosinality/stylegan2-pytorch@bef283a1 op/upfirdn2d.py; the kernel is flipped,
/// which makes it a convolution in the mathematical sense. Second derivatives exist.
/// </summary>
public static class UpFirDn
{
    /// <summary>
    /// Inserts <c>up − 1</c> zeros after each pixel, pads, convolves, keeps each <paramref name="down"/>-th pixel:
    /// <c>(N, C, H, W) -> (N, C, (H·up + top + bottom − k)/down + 1, …)</c>.
    /// </summary>
    /// <param name="input">Maps.</param>
    /// <param name="kernel"><c>(k, l)</c>, the same for all channels.</param>
    /// <param name="up">By how much the map is enlarged first.</param>
    /// <param name="down">By how much it is reduced at last.</param>
    /// <param name="pad">Zeros around the enlarged map; negative ones cut.</param>
    /// <exception cref="TorchException">Less is left of the map than the kernel covers.</exception>
    public static Tensor Apply(Tensor input, Tensor kernel, int up = 1, int down = 1, Margins pad = default)
    {
        using var scope = new TensorScope();
        long channels = input.Size(1), rows = kernel.Size(0), columns = kernel.Size(1);
        long height = (input.Size(2) * up) + pad.Top + pad.Bottom - rows + 1, width = (input.Size(3) * up) + pad.Left + pad.Right - columns
            + 1;
        if (height < 1 || width < 1)
        {
            throw new TorchException(
                $"upfirdn: maps of {input.Size(2)} x {input.Size(3)}, enlarged {up}-fold and padded, are smaller than the kernel of "
                + $"{rows} x {columns}");
        }

        if (up == 1)
        {
            var weight = kernel.Flip([0, 1]).Expand([channels, 1, rows, columns]);
            bool even = pad.Left == pad.Right && pad.Top == pad.Bottom && pad.Left >= 0 && pad.Top >= 0;
            var padded = even ? input : Functional.Pad(input, pad.ToArray());
            return scope.Keep(Functional.Conv2d(padded, weight, null, [down, down], even ? [pad.Top, pad.Left] : [0, 0], [1, 1], channels));
        }

        // A transposed convolution is the full convolution of the map with its zeros, but for those after the last pixel.
        var spread = kernel.Expand([channels, 1, rows, columns]);
        var full = Functional.ConvTranspose2d(input, spread, null, [up, up], [0, 0], [0, 0], channels);
        long left = pad.Left - columns + 1, top = pad.Top - rows + 1;
        long[] margins = [left, width - full.Size(3) - left, top, height - full.Size(2) - top];
        var whole = margins.All(margin => margin == 0) ? full : full.Pad(margins, "constant", 0.0);
        return scope.Keep(down == 1 ? whole : whole.Slice(2, 0, null, down).Slice(3, 0, null, down));
    }
}

/// <summary>Filters maps by a fixed kernel. <c>(N, C, H, W) -> (N, C, H', W')</c></summary>
public sealed partial class FirBlur : Module<Tensor, Tensor>
{
    private readonly Margins pad;

    private FirBlur(FirTaps taps, Margins pad, double gain)
    {
        this.pad = pad;
        Kernel = new Buffer(taps.Kernel(gain));
    }

    /// <summary>The kernel; saved, not trained.</summary>
    public Buffer Kernel { get; }

    /// <summary>In front of a convolution of stride 2 and kernel <paramref name="kernel"/>: the two together halve the map.</summary>
    public static FirBlur BeforeHalving(FirTaps taps, int kernel)
    {
        int rest = taps.Length - 2 + kernel - 1;
        return new(taps, Both((rest + 1) / 2, rest / 2), 1);
    }

    /// <summary>
    /// Behind a transposed convolution of stride 2 and kernel <paramref name="kernel"/>: the two together double the map.
    /// </summary>
    public static FirBlur AfterDoubling(FirTaps taps, int kernel)
    {
        int rest = taps.Length - 2 - (kernel - 1);
        return new(taps, Both(((rest + 1) / 2) + 1, (rest / 2) + 1), 4);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => UpFirDn.Apply(input, Kernel, pad: pad);

    private static Margins Both(int before, int after) => new(before, after, before, after);
}

/// <summary>Doubles maps with a low-pass filter. <c>(N, C, H, W) -> (N, C, 2H, 2W)</c></summary>
public sealed partial class FirUpsample(FirTaps taps) : Module<Tensor, Tensor>
{
    private readonly Margins pad = Pad(taps.Length - 2);

    /// <summary>The kernel, which sums to 4; saved, not trained.</summary>
    public Buffer Kernel { get; } = new(taps.Kernel(4));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => UpFirDn.Apply(input, Kernel, up: 2, pad: pad);

    private static Margins Pad(int rest) => new(((rest + 1) / 2) + 1, rest / 2, ((rest + 1) / 2) + 1, rest / 2);
}

/// <summary>Halves maps with a low-pass filter. <c>(N, C, H, W) -> (N, C, H/2, W/2)</c></summary>
public sealed partial class FirDownsample(FirTaps taps) : Module<Tensor, Tensor>
{
    private readonly Margins pad = Pad(taps.Length - 2);

    /// <summary>The kernel; saved, not trained.</summary>
    public Buffer Kernel { get; } = new(taps.Kernel());

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => UpFirDn.Apply(input, Kernel, down: 2, pad: pad);

    private static Margins Pad(int rest) => new((rest + 1) / 2, rest / 2, (rest + 1) / 2, rest / 2);
}
