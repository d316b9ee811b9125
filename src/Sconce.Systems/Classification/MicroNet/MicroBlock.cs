using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.MicroNet;

/// <summary>Deals the channels out anew: seen as [groups, C / groups], they are read column by column.
/// <c>(N, C, H, W) -> (N, C, H, W)</c></summary>
internal sealed class ChannelShuffle(int groups) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        long channels = x.Size(1);
        if (channels % groups != 0) throw new ArgumentException($"channel shuffle: {channels} channels do not divide into {groups} groups");
        return x.Reshape([x.Size(0), groups, channels / groups, x.Size(2), x.Size(3)]).Transpose(1, 2)
            .Reshape([x.Size(0), channels, x.Size(2), x.Size(3)]);
    }
}

/// <summary>A k x k depthwise convolution of rank one: k x 1, then 1 x k, each of which may widen the channels.
/// <c>(N, C, H, W) -> (N, C·e1·e2, H/stride, W/stride)</c></summary>
internal sealed partial class DepthSpatialConv(int channels, (int First, int Second) expansion, int kernel, int stride)
    : Module<Tensor, Tensor>
{
    Sequential Conv { get; } = new(
        new Conv2d(channels, channels * expansion.First, (kernel, 1), (stride, 1), (kernel / 2, 0), groups: channels, bias: false),
        new BatchNorm2d(channels * expansion.First),
        new Conv2d(channels * expansion.First, channels * expansion.First * expansion.Second, (1, kernel), (1, stride), (0, kernel / 2),
            groups: channels * expansion.First, bias: false),
        new BatchNorm2d(channels * expansion.First * expansion.Second));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Conv.Call(x);
}

/// <summary>A 1x1 convolution in groups and its norm. <c>(N, inputs, H, W) -> (N, outputs, H, W)</c></summary>
internal sealed partial class GroupPointwise(int inputs, int outputs, int groups) : Module<Tensor, Tensor>
{
    Sequential Conv { get; } = new(new Conv2d(inputs, outputs, 1, groups: groups, bias: false), new BatchNorm2d(outputs));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Conv.Call(x);
}

/// <summary>The stem's 3x3 convolution of rank one: 3 x 1 over all channels, then 1 x 3 within them, and a shuffle.
/// <c>(N, inputs, H, W) -> (N, o1·o2, H/stride, W/stride)</c></summary>
internal sealed partial class StemConv(int inputs, (int First, int Second) outputs, int stride) : Module<Tensor, Tensor>
{
    Sequential Conv { get; } = new(
        new Conv2d(inputs, outputs.First, (3, 1), (stride, 1), (1, 0), bias: false),
        new BatchNorm2d(outputs.First),
        new Conv2d(outputs.First, outputs.First * outputs.Second, (1, 3), (1, stride), (0, 1), groups: outputs.First, bias: false),
        new BatchNorm2d(outputs.First * outputs.Second),
        new ChannelShuffle(outputs.First));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Conv.Call(x);
}

/// <summary>The first layer, at half the size. <c>(N, 3, H, W) -> (N, o1·o2, H/2, W/2)</c>; backbone/micronet.py
/// <c>StemLayer</c>.</summary>
internal sealed partial class MicroStem(int inputs, (int First, int Second) outputs, int stride = 2) : Module<Tensor, Tensor>
{
    Sequential Stem { get; } = new(new StemConv(inputs, outputs, stride), new Relu6());

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Stem.Call(x);
}

/// <summary>
/// A depthwise and one or two grouped pointwise convolutions with shuffles and activations between them, and a shortcut where the shape
/// stays. <c>(N, inputs, H, W) -> (N, outputs, H/stride, W/stride)</c>; 2108.05894 §3, backbone/micronet.py <c>DYMicroBlock</c>.
/// </summary>
internal sealed partial class MicroBlock : Module<Tensor, Tensor>
{
    private readonly bool identity;

    internal MicroBlock(MicroNetConfig config, MicroNetRow row, int inputs, int stride)
    {
        identity = stride == 1 && inputs == row.Outputs;
        int hidden = row.Hidden(inputs);
        Layers = row switch
        {
            { First.First: 0 } => Lite(),
            { Second.Second: 0 } => Last(),
            _ => Full(),
        };

        // A: the depthwise convolution widens, one pointwise one narrows.
        Sequential Lite() => new(
            new DepthSpatialConv(inputs, row.Expansion, row.Kernel, stride),
            Activation(hidden, row.Activations.Second, false) ?? new Relu6(),
            new ChannelShuffle(row.First.Second),
            row.Activations.Second != 0 ? new ChannelShuffle(hidden / 2) : new Identity(),
            new GroupPointwise(hidden, row.Outputs, row.Second.First),
            Third(row.Outputs, row.Second, narrow: true),
            new ChannelShuffle(row.Second.Second),
            row.Outputs % 2 == 0 && row.Activations.Third != 0 ? new ChannelShuffle(row.Outputs / 2) : new Identity());

        // B: pointwise, depthwise, pointwise. The fifth place is empty in the official keys too.
        Sequential Full() => new(
            new GroupPointwise(inputs, hidden, row.First.First),
            Activation(hidden, row.Activations.First, false) ?? new Relu6(),
            new ChannelShuffle(row.First.Second),
            new DepthSpatialConv(hidden, (1, 1), row.Kernel, stride),
            new Identity(),
            Activation(hidden, row.Activations.Second, expansion: true) ?? new Relu6(),
            (row.Activations.First, row.Activations.Second) switch
            {
                (0, 0) => new Identity(),
                (0, _) or (_, 0) => new ChannelShuffle(hidden / 2),
                _ => new ChannelShuffle(hidden / 4),
            },
            new GroupPointwise(hidden, row.Outputs, row.Second.First),
            Third(row.Outputs, row.Second, narrow: row.Outputs < hidden),
            new ChannelShuffle(row.Second.Second),
            row.Activations.Third != 0 ? new ChannelShuffle(row.Outputs / 2) : new Identity());

        // C: a pointwise convolution before the head.
        Sequential Last() => new(new GroupPointwise(inputs, hidden, row.First.First), Third(hidden, row.First, narrow: false));

        Module<Tensor, Tensor>? Activation(int channels, int branches, bool expansion) => branches == 0 ? null : Place(
            new ShiftMaxConfig(channels, config.Reduction * row.Reduction, row.First)
            { TwoBranches = branches == 2, InitialA = config.InitialA, InitialB = config.InitialB, Expansion = expansion });

        Module<Tensor, Tensor> Third(int channels, (int First, int Second) groups, bool narrow) =>
            row.Activations.Third == 0 ? new Identity() : Place(
            new ShiftMaxConfig(channels, config.Reduction * row.Reduction / (narrow ? 2 : 1), groups)
            { TwoBranches = false, InitialA = (config.InitialThird.A, 0), InitialB = (config.InitialThird.B, 0) });

        Module<Tensor, Tensor> Place(ShiftMaxConfig place) => config.Activation switch
        {
            MicroNetActivation.Relu6 => place.TwoBranches ? new Relu6() : new Identity(),
            MicroNetActivation.SqueezeExcite => new GatedActivation(place),
            _ => new DynamicShiftMax(place with { Range = config.Range }),
        };
    }

    Sequential Layers { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => identity ? x + Layers.Call(x) : Layers.Call(x);
}

/// <summary>Squeeze-and-excitation in the place of a Dynamic Shift-Max of the same hidden width, then ReLU6 where that has two branches.
/// <c>(N, C, H, W) -> (N, C, H, W)</c></summary>
internal sealed partial class GatedActivation(ShiftMaxConfig place) : Module<Tensor, Tensor>
{
    Sequential Fc { get; } = new(new Linear(place.Channels, place.Hidden), new Relu(inPlace: true),
        new Linear(place.Hidden, place.Channels), new HardSigmoid());

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var gated = x * Fc.Call(x.Mean([2, 3])).Reshape([x.Size(0), place.Channels, 1, 1]);
        return place.TwoBranches ? gated.Relu6() : gated;
    }
}
