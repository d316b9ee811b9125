using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>
/// Positions as sines and cosines of linearly spaced frequencies, up to half the resolution of each axis; 2103.03206 §3.2,
/// deepmind-research@f5de0ede perceiver/position_encoding.py <c>generate_fourier_features</c>.
/// </summary>
/// <param name="Bands">Frequencies an axis.</param>
/// <param name="Resolution">Samples along each axis between -1 and 1; the highest frequency is half of it.</param>
public sealed record FourierFeatures(int Bands, IReadOnlyList<double> Resolution)
{
    /// <summary>Whether the positions themselves come first.</summary>
    public bool WithPositions { get; init; } = true;

    /// <summary>Whether cosines are left out.</summary>
    public bool SineOnly { get; init; }

    /// <summary>How many numbers a position becomes.</summary>
    public int Channels => Resolution.Count * ((Bands * (SineOnly ? 1 : 2)) + (WithPositions ? 1 : 0));

    /// <summary>Features of positions in [-1, 1]: positions, all sines axis by axis, all cosines;
    /// <c>(…, axes) -> (…, Channels)</c>.</summary>
    /// <exception cref="TorchException">The positions have another number of axes.</exception>
    public Tensor Compute(Tensor positions)
    {
        if (Bands < 1) throw new ArgumentException($"Fourier features: {Bands} bands, but one at least is needed");
        if (positions.Dimensions == 0 || positions.Size(-1) != Resolution.Count)
            throw new TorchException($"Fourier features: positions of shape [{string.Join(", ", positions.Shape.ToArray())}], but the "
                + $"features have {Resolution.Count} axes");
        using var scope = new TensorScope();
        // (axes, bands)
        var frequencies = Tensor.Stack(
            [.. Resolution.Select(resolution => Tensor.Linspace(1, resolution / 2, Bands, DType.Float32, device: positions.Device))], 0);
        var angles = (positions.Unsqueeze(-1) * frequencies).Flatten(-2) * Math.PI; // (…, axes·bands)
        List<Tensor> parts = [angles.Sin()];
        if (WithPositions) parts.Insert(0, positions);
        if (!SineOnly) parts.Add(angles.Cos());
        return scope.Keep(Tensor.Cat([.. parts], -1));
    }

    /// <summary>Positions of a grid's cells from -1 to 1, both included, row-major; <c>-> (product of sizes, axes)</c>.</summary>
    public static Tensor Grid(params ReadOnlySpan<long> sizes)
    {
        using var scope = new TensorScope();
        var axes = new Tensor[sizes.Length];
        for (int axis = 0; axis < axes.Length; axis++)
        {
            var shape = new long[sizes.Length];
            Array.Fill(shape, 1);
            shape[axis] = sizes[axis];
            axes[axis] = Tensor.Linspace(-1, 1, sizes[axis], DType.Float32).Reshape(shape).Expand(sizes);
        }

        return scope.Keep(Tensor.Stack(axes, -1).Flatten(0, -2));
    }

    /// <summary>Features of a grid's cells; <c>-> (product of sizes, Channels)</c>.</summary>
    public Tensor OfGrid(params ReadOnlySpan<long> sizes)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        return scope.Keep(Compute(Grid(sizes)));
    }
}
