using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>
/// Appends one channel that says how much the examples of a group differ, so that a discriminator sees a lack of variety:
/// <c>(N, C, H, W) -> (N, C + 1, H, W)</c>. 1710.10196 §3; example n is in group <c>n mod (N / size)</c>.
/// </summary>
/// <param name="size">Examples a group; fewer where the batch is smaller. The batch must divide by it.</param>
public sealed class MinibatchStdDev(int size = 4) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        long count = input.Size(0), group = Math.Min(count, size);
        if (count % group != 0)
        {
            throw new TorchException(
                $"minibatch deviation: a batch of {count} does not divide into groups of {group}; take a multiple of {size}");
        }

        var (height, width) = (input.Size(2), input.Size(3));
        var deviation = (input.Reshape([group, count / group, input.Size(1), height, width]).Var([0], unbiased: false) + 1e-8).Sqrt();
        var mean = deviation.Mean([1, 2, 3], keepdim: true).Repeat([group, 1, height, width]); // (N, 1, H, W)
        return Tensor.Cat([input, mean], 1);
    }
}
