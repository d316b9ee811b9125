using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>Convolution, norm, the input where it is residual, ReLU: <c>(N, inputs, H, W) -> (N, outputs, H', W')</c>.</summary>
internal sealed partial class LipConv(int inputs, int outputs, int kernel, Extent2 stride, int padding, bool residual = false)
    : Module<Tensor, Tensor>
{
    Sequential ConvBlock { get; } = new(new Conv2d(inputs, outputs, kernel, stride, padding), new BatchNorm2d(outputs));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var made = ConvBlock.Call(x);
        return (residual ? made + x : made).Relu();
    }

    /// <summary>A 3x3 convolution that keeps size and channels, with its input.</summary>
    internal static LipConv Same(int channels) => new(channels, channels, 3, 1, 1, residual: true);

    /// <summary>One that changes size or channels, and some that keep them.</summary>
    internal static IEnumerable<LipConv> Level(int inputs, int outputs, int kernel, Extent2 stride, int padding, int same) =>
        [new LipConv(inputs, outputs, kernel, stride, padding), .. Enumerable.Range(0, same).Select(_ => Same(outputs))];
}

/// <summary>A transposed convolution, norm, ReLU: <c>(N, inputs, H, W) -> (N, outputs, H·stride, W·stride)</c>.</summary>
internal sealed partial class LipDeconv(int inputs, int outputs, int stride, int padding, int outputPadding) : Module<Tensor, Tensor>
{
    Sequential ConvBlock { get; } = new(
        new ConvTranspose2d(inputs, outputs, 3, stride, padding, outputPadding), new BatchNorm2d(outputs));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => ConvBlock.Call(x).Relu();
}

/// <summary>A convolution without a norm and a leaky ReLU.</summary>
internal sealed partial class JudgingConv(int inputs, int outputs, int kernel, Extent2 stride, int padding) : Module<Tensor, Tensor>
{
    Sequential ConvBlock { get; } = new(new Conv2d(inputs, outputs, kernel, stride, padding));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => ConvBlock.Call(x).LeakyRelu(0.01);
}

/// <summary>Sixteen steps of speech as one vector: <c>(N, 1, 80, 16) -> (N, 512, 1, 1)</c>.</summary>
internal static class SpeechEncoder
{
    /// <param name="last">How many convolutions keep the map of 256 channels.</param>
    /// <param name="narrowing">By what channels are divided.</param>
    internal static Sequential Of(int last, int narrowing = 1) => new(
    [
        .. LipConv.Level(1, 32 / narrowing, 3, 1, 1, same: 2),
        .. LipConv.Level(32 / narrowing, 64 / narrowing, 3, (3, 1), 1, same: 2),
        .. LipConv.Level(64 / narrowing, 128 / narrowing, 3, 3, 1, same: 2),
        .. LipConv.Level(128 / narrowing, 256 / narrowing, 3, (3, 2), 1, same: last),
        .. LipConv.Level(256 / narrowing, 512 / narrowing, 3, 1, 0, same: 0),
        .. LipConv.Level(512 / narrowing, 512 / narrowing, 1, 1, 0, same: 0),
    ]);
}
