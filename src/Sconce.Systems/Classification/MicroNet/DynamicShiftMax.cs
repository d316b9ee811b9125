using Sconce.Nn;
using Sconce.Torch;
using Buffer = Sconce.Nn.Buffer;

namespace Sconce.Systems.Classification.MicroNet;

/// <summary>One Dynamic Shift-Max.</summary>
/// <param name="Channels">C.</param>
/// <param name="Reduction">How much narrower the hidden layer is than the channels.</param>
/// <param name="Groups">The two group numbers of the convolution before it; the second gives the shift.</param>
public sealed record ShiftMaxConfig(int Channels, int Reduction, (int First, int Second) Groups)
{
    /// <summary>Whether the larger of two mixtures is taken, or the only one.</summary>
    public bool TwoBranches { get; init; } = true;

    /// <summary>The coefficients lie within this of their initial values.</summary>
    public double Range { get; init; } = 2;

    /// <summary>The initial factor of the channel itself, in each branch.</summary>
    public (double First, double Second) InitialA { get; init; } = (1, 1);

    /// <summary>The initial factor of the shifted channel, in each branch.</summary>
    public (double First, double Second) InitialB { get; init; } = (0, 0);

    /// <summary>Whether the second group number counts the channels of a group instead of the groups, as after a depthwise
    /// convolution.</summary>
    public bool Expansion { get; init; }

    /// <summary>The hidden layer's width: a multiple of 4, 4 at least.</summary>
    public int Hidden => Math.Max(4, Channels.DivisibleShare(Reduction));
}

/// <summary>
/// The larger of two mixtures of a channel and its neighbour in a circular shift over the groups, with factors that depend on the picture:
/// <c>y_i = max_k a_i^k(x) x_i + b_i^k(x) x_π(i)</c>. <c>(N, C, H, W) -> (N, C, H, W)</c>; 2108.05894 §4,
/// liyunsheng13/micronet@ed89b26 backbone/activation.py <c>DYShiftMax</c>.
/// </summary>
public sealed partial class DynamicShiftMax : Module<Tensor, Tensor>
{
    private readonly ShiftMaxConfig config;

    /// <summary>Starts at the initial factors, up to normal weights of deviation 0.01.</summary>
    /// <exception cref="ArgumentException">The channels do not divide into the groups.</exception>
    public DynamicShiftMax(ShiftMaxConfig config)
    {
        this.config = config;
        Fc = new Sequential(
            new Linear(config.Channels, config.Hidden),
            new Relu(inPlace: true),
            new Linear(config.Hidden, config.Channels * (config.TwoBranches ? 4 : 2)),
            new HardSigmoid());
        Shift = new Buffer(Tensor.From(Neighbours(config)));
    }

    /// <summary>From the channels' means to a1, b1, a2, b2, each in [0, 1] before it is scaled.</summary>
    public Sequential Fc { get; }

    /// <summary>π: the channel that is mixed into each.</summary>
    [NotSaved]
    public Buffer Shift { get; }

    /// <summary>π for channels seen as [groups, channels of a group]: one on along both.</summary>
    internal static long[] Neighbours(ShiftMaxConfig config)
    {
        int channels = config.Channels, groups = config.Groups.Second;
        if (groups < 1 || channels % groups != 0)
            throw new ArgumentException($"Dynamic Shift-Max: {channels} channels do not divide into {groups} groups", nameof(config));
        if (config.Expansion && groups != 1) groups = channels / groups;
        int width = channels / groups;
        return [.. Enumerable.Range(0, channels)
            .Select(channel => (long)((((channel / width) + 1) % groups * width) + (((channel % width) + 1) % width)))];
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var factors = (Fc.Call(x.Mean([2, 3])) - 0.5) * (2 * config.Range); // (N, 2 or 4 C)
        var part = factors.Reshape([x.Size(0), -1, config.Channels, 1, 1]).Unbind(1);
        var shifted = x.IndexSelect(1, Shift);
        var first = (x * (part[0] + config.InitialA.First)) + (shifted * (part[1] + config.InitialB.First));
        if (!config.TwoBranches) return first;
        return first.Maximum((x * (part[2] + config.InitialA.Second)) + (shifted * (part[3] + config.InitialB.Second)));
    }
}

/// <summary>Widths as the official code rounds them.</summary>
internal static class Divisibility
{
    /// <summary>An n-th of the channels, to the nearest multiple of 4, and 4 more where that loses over a tenth (make_divisible in
    /// backbone/activation.py).</summary>
    internal static int DivisibleShare(this int channels, int n)
    {
        int share = channels / n, rounded = Math.Max(4, (share + 2) / 4 * 4);
        return rounded < 0.9 * share ? rounded + 4 : rounded;
    }
}
