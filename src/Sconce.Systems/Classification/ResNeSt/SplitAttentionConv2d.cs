using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.ResNeSt;

/// <summary>A split-attention convolution's numbers.</summary>
/// <param name="Inputs">Channels that come in.</param>
/// <param name="Channels">C, channels of each split and of the result.</param>
/// <param name="Kernel">Of the convolution, in cells.</param>
public sealed record SplitAttentionConfig(int Inputs, int Channels, int Kernel = 3)
{
    /// <summary>Of the convolution.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Of the convolution, in cells.</summary>
    public int Padding { get; init; }

    /// <summary>Of the convolution.</summary>
    public int Dilation { get; init; } = 1;

    /// <summary>K, independent groups of channels.</summary>
    public int Cardinality { get; init; } = 1;

    /// <summary>R, splits among which the attention chooses; 1 is squeeze-and-excitation.</summary>
    public int Radix { get; init; } = 2;

    /// <summary>How much narrower the attention's hidden layer is.</summary>
    public int Reduction { get; init; } = 4;

    /// <summary>Whether the convolution has offsets.</summary>
    public bool Bias { get; init; }

    /// <summary>Whether batch norms follow the convolution and the attention's first layer.</summary>
    public bool Norm { get; init; } = true;
}

/// <summary>
/// A convolution that makes R splits of C channels and adds them up, each channel weighted by what the whole map says:
/// <c>(N, inputs, H, W) -> (N, C, H', W')</c>; 2004.08955 §3.1 and Figure 2, resnest/torch/models/splat.py.
/// </summary>
public sealed partial class SplitAttentionConv2d : Module<Tensor, Tensor>
{
    private Relu Relu { get; } = new(inPlace: true);
    private readonly SplitAttentionConfig config;

    /// <summary>Makes one.</summary>
    /// <param name="config">Its numbers.</param>
    /// <param name="dropBlock">Follows the convolution's norm while training; null for none.</param>
    /// <exception cref="ArgumentException">Channels that do not divide into groups.</exception>
    public SplitAttentionConv2d(SplitAttentionConfig config, DropBlock2d? dropBlock = null)
    {
        this.config = config;
        int radix = config.Radix, channels = config.Channels, cardinality = config.Cardinality;
        if (radix < 1) throw new ArgumentException($"split attention: a radix of {radix}: one split is the least", nameof(config));
        int hidden = Math.Max(config.Inputs * radix / config.Reduction, 32);
        Conv = new Conv2d(config.Inputs, channels * radix, config.Kernel, config.Stride, config.Padding, config.Dilation,
            cardinality * radix, config.Bias);
        Bn0 = config.Norm ? new BatchNorm2d(channels * radix) : null;
        DropBlock = dropBlock;
        Fc1 = new Conv2d(channels, hidden, 1, groups: cardinality);
        Bn1 = config.Norm ? new BatchNorm2d(hidden) : null;
        Fc2 = new Conv2d(hidden, channels * radix, 1, groups: cardinality);
    }

    Conv2d Conv { get; }

    BatchNorm2d? Bn0 { get; }

    DropBlock2d? DropBlock { get; }

    Conv2d Fc1 { get; }

    BatchNorm2d? Bn1 { get; }

    Conv2d Fc2 { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var splits = x.Through(Conv, Bn0, DropBlock, Relu).Chunk(config.Radix, 1); // R x (N, C, H', W'), radix-major
        var squeezed = splits[0].Mean([2, 3], keepdim: true); // the sum of means is the mean of the sum
        for (int r = 1; r < splits.Length; r++) squeezed = squeezed + splits[r].Mean([2, 3], keepdim: true);
        var logits = squeezed.Through(Fc1, Bn1, Relu, Fc2); // (N, R·C, 1, 1), cardinality-major
        var weights = RadixSoftmax.Compute(logits, config.Radix, config.Cardinality).Reshape([x.Size(0), -1, 1, 1]).Chunk(config.Radix, 1);
        var sum = splits[0] * weights[0]; // (N, C, H', W')
        for (int r = 1; r < splits.Length; r++) sum.AddcmulInPlace(splits[r], weights[r]);
        return sum;
    }
}
