using Sconce.Torch;

namespace Sconce.Nn.Perceptual;

/// <summary>
/// VGG-16's convolutions, cut behind the last activation of each of its five sizes: <c>(N, 3, H, W) -> 5 x (N, C, H/s, W/s)</c> of 64, 128,
/// 256, 512 and 512 channels, s from 1 to 16. 1409.1556 table 1, column D; keys as LPIPS has them, <c>slice{1-5}.{torchvision's index}</c>.
/// </summary>
public sealed partial class VggFeatures : Module<Tensor, Tensor[]>
{
    /// <summary>Channels of each slice.</summary>
    public static IReadOnlyList<int> Widths { get; } = [64, 128, 256, 512, 512];

    /// <summary>Torchvision's numbers at which the slices begin, and the one behind the last.</summary>
    public static IReadOnlyList<int> Starts { get; } = [0, 4, 9, 16, 23, 30];

    /// <summary>relu1_2</summary>
    public Sequential Slice1 { get; } = Slice(first: 0, inputs: 3, outputs: 64, convolutions: 2);

    /// <summary>relu2_2</summary>
    public Sequential Slice2 { get; } = Slice(first: 4, inputs: 64, outputs: 128, convolutions: 2);

    /// <summary>relu3_3</summary>
    public Sequential Slice3 { get; } = Slice(first: 9, inputs: 128, outputs: 256, convolutions: 3);

    /// <summary>relu4_3</summary>
    public Sequential Slice4 { get; } = Slice(first: 16, inputs: 256, outputs: 512, convolutions: 3);

    /// <summary>relu5_3</summary>
    public Sequential Slice5 { get; } = Slice(first: 23, inputs: 512, outputs: 512, convolutions: 3);

    /// <inheritdoc/>
    protected override Tensor[] Forward(Tensor input)
    {
        var features = new Tensor[Widths.Count];
        var x = input;
        foreach (var (k, slice) in new[] { Slice1, Slice2, Slice3, Slice4, Slice5 }.Index()) features[k] = x = slice.Call(x);
        return features;
    }

    /// <summary>All but the first slice begin with a 2x2 pooling.</summary>
    private static Sequential Slice(int first, int inputs, int outputs, int convolutions)
    {
        var slice = new Sequential();
        int index = first;
        if (first > 0) slice[$"{index++}"] = new MaxPool2d(2, 2);
        for (int k = 0; k < convolutions; k++)
        {
            slice[$"{index++}"] = new Conv2d(k == 0 ? inputs : outputs, outputs, 3, 1, 1);
            slice[$"{index++}"] = new Relu();
        }

        return slice;
    }
}

/// <summary>Brings pictures from [-1, 1] to what VGG was trained on: <c>(x − shift) / scale</c>, channel by channel.</summary>
public sealed partial class VggScaling : Module<Tensor, Tensor>
{
    /// <summary><c>(1, 3, 1, 1)</c></summary>
    public Buffer Shift { get; } = new(Tensor.From([-0.030f, -0.088f, -0.188f], [1, 3, 1, 1]));

    /// <summary><c>(1, 3, 1, 1)</c></summary>
    public Buffer Scale { get; } = new(Tensor.From([0.458f, 0.448f, 0.450f], [1, 3, 1, 1]));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => (input - Shift) / Scale;
}
