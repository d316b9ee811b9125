using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>Convolution, norm, activation: <c>(N, inputs, H, W) -> (N, outputs, H, W)</c>.</summary>
internal sealed partial class SameBlock(int inputs, int outputs, int kernel, bool leaky = false) : Module<Tensor, Tensor>
{
    private Module<Tensor, Tensor> Activation { get; } = leaky ? new LeakyRelu() : new Relu();

    Conv2d Conv { get; } = new(inputs, outputs, kernel, padding: kernel / 2);

    BatchNorm2d Norm { get; } = new(outputs);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Through(Conv, Norm, Activation);
}

/// <summary>Convolution and means of 2x2 cells: <c>(N, inputs, H, W) -> (N, outputs, H/2, W/2)</c>.</summary>
internal sealed partial class DownBlock(int inputs, int outputs) : Module<Tensor, Tensor>
{
    private Relu Relu { get; } = new();
    private AvgPool2d Pool { get; } = new(2);

    Conv2d Conv { get; } = new(inputs, outputs, 3, padding: 1);

    BatchNorm2d Norm { get; } = new(outputs);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Through(Conv, Norm, Relu, Pool);
}

/// <summary>The same of volumes, whose depth stays: <c>(N, inputs, D, H, W) -> (N, outputs, D, H/2, W/2)</c>.</summary>
internal sealed partial class VolumeDownBlock(int inputs, int outputs) : Module<Tensor, Tensor>
{
    private Relu Relu { get; } = new();
    private AvgPool3d Pool { get; } = new((1, 2, 2));

    Conv3d Conv { get; } = new(inputs, outputs, 3, padding: 1);

    BatchNorm3d Norm { get; } = new(outputs);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Through(Conv, Norm, Relu, Pool);
}

/// <summary>Enlargement and convolution: <c>(N, inputs, H, W) -> (N, outputs, 2H, 2W)</c>.</summary>
internal sealed partial class UpBlock(int inputs, int outputs) : Module<Tensor, Tensor>
{
    private Upsample Enlarge { get; } = new(2.0);
    private Relu Relu { get; } = new();

    Conv2d Conv { get; } = new(inputs, outputs, 3, padding: 1);

    BatchNorm2d Norm { get; } = new(outputs);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Through(Enlarge, Conv, Norm, Relu);
}

/// <summary>The same of volumes, whose depth stays: <c>(N, inputs, D, H, W) -> (N, outputs, D, 2H, 2W)</c>.</summary>
internal sealed partial class VolumeUpBlock(int inputs, int outputs) : Module<Tensor, Tensor>
{
    private Relu Relu { get; } = new();

    Conv3d Conv { get; } = new(inputs, outputs, 3, padding: 1);

    BatchNorm3d Norm { get; } = new(outputs);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) =>
        Functional.Interpolate(x, [x.Size(2), 2 * x.Size(3), 2 * x.Size(4)]).Through(Conv, Norm, Relu);
}

/// <summary>Two convolutions, each behind norm and ReLU, and the input: <c>(N, C, H, W) -> (N, C, H, W)</c>.</summary>
internal sealed partial class ResBlock(int channels) : Module<Tensor, Tensor>
{
    private Relu Relu { get; } = new();

    Conv2d Conv1 { get; } = new(channels, channels, 3, padding: 1);

    Conv2d Conv2 { get; } = new(channels, channels, 3, padding: 1);

    BatchNorm2d Norm1 { get; } = new(channels);

    BatchNorm2d Norm2 { get; } = new(channels);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Through(Norm1, Relu, Conv1, Norm2, Relu, Conv2) + x;
}

/// <summary>The same of volumes: <c>(N, C, D, H, W) -> (N, C, D, H, W)</c>.</summary>
internal sealed partial class VolumeResBlock(int channels) : Module<Tensor, Tensor>
{
    private Relu Relu { get; } = new();

    Conv3d Conv1 { get; } = new(channels, channels, 3, padding: 1);

    Conv3d Conv2 { get; } = new(channels, channels, 3, padding: 1);

    BatchNorm3d Norm1 { get; } = new(channels);

    BatchNorm3d Norm2 { get; } = new(channels);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Through(Norm1, Relu, Conv1, Norm2, Relu, Conv2) + x;
}

/// <summary>How wide a hourglass is at each level.</summary>
internal static class LevelWidth
{
    /// <summary>Channels after that many halvings.</summary>
    internal static int Of(int width, int level, int most) => (int)Math.Min(most, (long)width << level);
}
