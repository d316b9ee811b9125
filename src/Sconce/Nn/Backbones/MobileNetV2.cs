using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>
/// Widens by <paramref name="expansion"/>, convolves each channel alone, narrows without activation; a shortcut where nothing changes its
/// size. <c>(N, inputs, H, W) -> (N, outputs, H/stride, W/stride)</c>. 1801.04381 §3.3.
/// </summary>
public sealed partial class InvertedResidual(int inputs, int outputs, int stride, int expansion) : Module<Tensor, Tensor>
{
    private readonly bool shortcut = stride == 1 && inputs == outputs;

    Sequential Conv { get; } = Layers(inputs, outputs, stride, expansion);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => shortcut ? input + Conv.Call(input) : Conv.Call(input);

    private static Sequential Layers(int inputs, int outputs, int stride, int expansion)
    {
        int hidden = inputs * expansion;
        var layers = new Sequential();
        if (expansion != 1)
        {
            foreach (var layer in MobileNetV2.ConvolutionNorm(inputs, hidden, 1)) layers.Add(layer);
        }

        foreach (var layer in MobileNetV2.ConvolutionNorm(hidden, hidden, 3, stride, hidden)) layers.Add(layer);
        layers.Add(new Conv2d(hidden, outputs, 1, bias: false));
        layers.Add(new BatchNorm2d(outputs));
        return layers;
    }
}

/// <summary>
/// MobileNetV2 without its classifier: <c>(N, inputs, H, W) -> (N, 1280, H/32, W/32)</c>. 1801.04381 table 2; keys of
/// thuyngch/Human-Segmentation-PyTorch, which MODNet's encoder has.
/// </summary>
/// <param name="inputs">Channels of the picture.</param>
/// <param name="width">Multiplies all channels.</param>
public sealed partial class MobileNetV2(int inputs = 3, double width = 1) : Module<Tensor, Tensor>
{
    private static readonly (int Expansion, int Channels, int Count, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    /// <summary>The blocks whose maps are <see cref="Pyramid"/>'s: the last at 1/2, 1/4, 1/8, 1/16 and 1/32.</summary>
    private static readonly int[] Taps = [1, 3, 6, 13, 18];

    /// <summary>The first convolution, the blocks, the last convolution.</summary>
    public Sequential Features { get; } = new(Build(inputs, width));

    /// <summary>Channels of <see cref="Pyramid"/>'s maps: 16, 24, 32, 96, 1280 times the width.</summary>
    public IReadOnlyList<int> PyramidChannels { get; } =
        [Round(16, width), Round(24, width), Round(32, width), Round(96, width), Last(width)];

    /// <summary>The maps at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture's size.</summary>
    public IReadOnlyList<Tensor> Pyramid(Tensor input)
    {
        using var scope = new TensorScope();
        List<Tensor> maps = [];
        var x = input;
        for (int block = 0; block < Features.Count; block++)
        {
            var next = Features[block].Call(x);
            if (!ReferenceEquals(x, input) && !maps.Contains(x)) x.Dispose();
            x = next;
            if (Taps.Contains(block)) maps.Add(x);
        }

        return scope.Keep(maps);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Features.Call(input);

    internal static Sequential ConvolutionNorm(int inputs, int outputs, int kernel, int stride = 1, int groups = 1) => new(
        new Conv2d(inputs, outputs, kernel, stride, kernel / 2, groups: groups, bias: false), new BatchNorm2d(outputs), new Relu6());

    private static IEnumerable<Module<Tensor, Tensor>> Build(int inputs, double width)
    {
        int channels = Round(32, width);
        yield return ConvolutionNorm(inputs, channels, 3, 2);
        foreach (var stage in Stages)
        {
            int outputs = Round(stage.Channels, width);
            for (int block = 0; block < stage.Count; block++)
            {
                yield return new InvertedResidual(channels, outputs, block == 0 ? stage.Stride : 1, stage.Expansion);
                channels = outputs;
            }
        }

        yield return ConvolutionNorm(channels, Last(width), 1);
    }

    private static int Last(double width) => width > 1 ? Round(1280, width) : 1280;

    /// <summary>A multiple of 8 that is not a tenth below what was asked.</summary>
    private static int Round(int channels, double width)
    {
        double wanted = channels * width;
        int rounded = Math.Max(8, (int)(wanted + 4) / 8 * 8);
        return rounded < 0.9 * wanted ? rounded + 8 : rounded;
    }
}
