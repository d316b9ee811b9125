using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>
/// While training, zeroes whole squares of each channel's map and scales the rest up by what is missing; <c>(N, C, H, W)</c>.
/// One mask serves the batch. 1810.12890; zhanghang1989/ResNeSt@1dfb3e8 resnest/gluon/dropblock.py.
/// </summary>
/// <param name="rate">The share of the map that is dropped, in [0, 1); it may be raised as training goes on.</param>
/// <param name="block">The side of a square, in cells.</param>
public sealed class DropBlock2d(double rate, int block = 3) : Module<Tensor, Tensor>
{
    /// <summary>The share of the map that is dropped.</summary>
    public double Rate { get; set; } = rate;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        if (!Training || Rate <= 0) return input;
        long height = input.Size(2), width = input.Size(3);
        if (height < block || width < block)
            throw new TorchException($"drop block: a map of {height} x {width} is smaller than the block of {block} x {block}");
        double gamma = Rate * height * width / (block * block) / ((width - block + 1) * (height - block + 1));
        var seeds = Tensor.Empty([1, input.Size(1), height, width], input.DType, device: input.Device).BernoulliInPlace(Math.Min(1, gamma));
        int before = (block - 1) / 2, after = block - 1 - before;
        var kept = 1 - Functional.Pad(seeds, [before, after, before, after]).MaxPool2d([block, block], [1, 1]); // (1, C, H, W)
        return input * (kept * (kept.Elements / kept.Sum().ClampMin(1)));
    }
}
