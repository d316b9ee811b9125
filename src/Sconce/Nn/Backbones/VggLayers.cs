using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>How a VGG halves its maps.</summary>
public enum VggPooling
{
    /// <summary>By the largest of four, as it was trained.</summary>
    Max,

    /// <summary>By their mean, as style transfer has it (1508.06576 §2).</summary>
    Average,
}

/// <summary>
/// Pieces of VGG's convolutional part, under torchvision's numbers (<c>features.N</c>), so that its published weights fit. Simonyan and
/// Zisserman, 1409.1556 table 1; columns A, B, D and E without batch norms.
/// </summary>
public static class VggLayers
{
    private const int Pool = 0;

    /// <summary>Layers of one VGG, with their numbers as keys: convolutions of 3x3, activations, poolings.</summary>
    /// <param name="depth">11, 13, 16 or 19.</param>
    /// <param name="numbers">Which of them, such as <c>4..9</c> for the second size of VGG-16, pooling first.</param>
    /// <param name="pooling">What halves the maps.</param>
    /// <exception cref="ArgumentException">No VGG has that depth, or not so many layers.</exception>
    public static Sequential Slice(int depth, Range numbers, VggPooling pooling = VggPooling.Max)
    {
        var layers = All(depth, pooling).ToList();
        var (start, length) = numbers.GetOffsetAndLength(layers.Count);
        var slice = new Sequential();
        for (int k = start; k < start + length; k++) slice[$"{k}"] = layers[k]();
        return slice;
    }

    /// <summary>One after the other; only those that are asked for are made.</summary>
    private static IEnumerable<Func<Module<Tensor, Tensor>>> All(int depth, VggPooling pooling)
    {
        int inputs = 3;
        foreach (int width in Widths(depth))
        {
            if (width == Pool)
            {
                yield return () => pooling == VggPooling.Max ? new MaxPool2d(2) : new AvgPool2d(2);
                continue;
            }

            int before = inputs;
            yield return () => new Conv2d(before, width, 3, 1, 1);
            yield return () => new Relu();
            inputs = width;
        }
    }

    private static IEnumerable<int> Widths(int depth)
    {
        int[] convolutions = depth switch
        {
            11 => [1, 1, 2, 2, 2],
            13 => [2, 2, 2, 2, 2],
            16 => [2, 2, 3, 3, 3],
            19 => [2, 2, 4, 4, 4],
            _ => throw new ArgumentException($"no VGG has {depth} layers: there are 11, 13, 16 and 19", nameof(depth)),
        };
        int[] widths = [64, 128, 256, 512, 512];
        return convolutions.SelectMany((count, size) => Enumerable.Repeat(widths[size], count).Append(Pool));
    }
}
