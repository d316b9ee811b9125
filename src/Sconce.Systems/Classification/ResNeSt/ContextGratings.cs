using Sconce.Claims;
using Sconce.Torch;

namespace Sconce.Systems.Classification.ResNeSt;

/// <summary>
/// Pictures in which a patch far above decides which of two gratings below is asked about: <c>(3, 24, 24)</c>, four classes.
/// The lower halves of channels 0 and 1 hold gratings at multiples of 45° (4 cycles a picture, any phase), their upper halves nothing;
/// channel 2 holds a 4x4 patch of ±2.5 in its first six rows. The label is the orientation in channel 0 under a negative patch, in
/// channel 1 under a positive one. Noise of deviation 0.3 lies over everything. Whatever sees 7 cells only never sees both.
/// </summary>
public static class ContextGratings
{
    /// <summary>Orientations.</summary>
    public const int Classes = 4;

    private const int Side = 24, Patch = 4, Cycles = 4;

    /// <summary>Draws examples: <c>(N, 3, 24, 24)</c> and class numbers <c>(N)</c>.</summary>
    public static LabelledTensors Sample(int count, Generator generator)
    {
        using var scope = new TensorScope();
        var orientations = Tensor.Randint(Classes, [count, 2], generator, DType.Int64);
        var phases = Tensor.Empty([count, 2, 1, 1], DType.Float32).UniformInPlace(0, 2 * Math.PI, generator);
        var angles = (orientations * (Math.PI / 4)).To(DType.Float32).Reshape([count, 2, 1, 1]);
        var line = Tensor.Arange(Side, dtype: DType.Float32);
        var rows = line.Reshape([Side, 1]);
        var along = line * angles.Cos() + rows * angles.Sin(); // (N, 2, 24, 24)
        var gratings = (along * (2 * Math.PI * Cycles / Side) + phases).Sin() * rows.Ge(Side / 2).To(DType.Float32);

        var positive = Tensor.Randint(2, [count], generator, DType.Int64);
        var top = Tensor.Randint(3, [count, 1, 1], generator, DType.Int64);
        var left = Tensor.Randint(Side - Patch + 1, [count, 1, 1], generator, DType.Int64);
        var inside = (rows >= top) & (rows < top + Patch) & (line >= left) & (line < left + Patch); // (N, 24, 24)
        var patch = inside.To(DType.Float32) * (positive * 5 - 2.5).To(DType.Float32).Reshape([count, 1, 1]);

        var pictures = Tensor.Cat([gratings, patch.Unsqueeze(1)], 1) + Tensor.Empty([count, 3, Side, Side], DType.Float32)
            .NormalInPlace(0, 0.3, generator);
        return scope.Keep(new LabelledTensors(pictures, orientations.Gather(1, positive.Unsqueeze(1)).Squeeze(1)));
    }
}
