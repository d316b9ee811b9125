using Sconce.Torch;

namespace Sconce.Data.Procedural;

/// <summary>
/// Ten classes of noisy textures: sinusoidal gratings of five orientations (36° apart) and two frequencies. Phase and colour are random,
/// so that only orientation and frequency tell the class. Each number has mean 0.
/// </summary>
/// <param name="Size">The side of the pictures, in pixels.</param>
public sealed record GratingTextures(int Size = 16)
{
    /// <summary>The number of classes: five orientations times two frequencies.</summary>
    public const int Classes = 10;

    private const int Orientations = 5;

    /// <summary>The length of a grating's colour vector.</summary>
    public double Amplitude { get; init; } = 1.7;

    /// <summary>The standard deviation of the noise before everything is divided by √2.</summary>
    public double Noise { get; init; } = 1;

    /// <summary>Cycles per picture of classes 0 to 4, and of 5 to 9.</summary>
    public (double Low, double High) Cycles { get; init; } = (2, 3.5);

    /// <summary>Pictures and their classes, which take turns.</summary>
    /// <param name="count">How many; the classes are balanced where ten divides it.</param>
    /// <param name="generator">Equal states give equal pictures.</param>
    /// <returns>Pictures <c>(count, 3, Size, Size)</c> and labels <c>(count)</c> in 0 to 9.</returns>
    public (Tensor Pictures, Tensor Labels) Sample(int count, Generator generator)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Size, 1);
        using var scope = new TensorScope();
        var labels = Tensor.From(Enumerable.Range(0, count).Select(k => (long)(k % Classes)).ToArray());
        var angle = Column(labels.Remainder(Orientations) * (Math.PI / Orientations));
        var cycles =
            Column(Functional.Where(labels < Orientations, Tensor.FromScalar((float)Cycles.Low), Tensor.FromScalar((float)Cycles.High)));
        var phase = Column(Uniform(count) * (2 * Math.PI));
        var place = Tensor.Arange(Size).To(DType.Float32) / Size;
        var along = (angle.Cos() * place.Reshape([1, 1, 1, -1])) + (angle.Sin() * place.Reshape([1, 1, -1, 1])); // (count, 1, Size, Size)
        var wave = ((along * cycles * (2 * Math.PI)) + phase).Sin();
        var colour = Normal(count, 3, 1, 1);
        colour = colour * (Amplitude / colour.LinalgVectorNorm(2, [1], keepdim: true));
        var pictures = ((wave * colour) + (Normal(count, 3, Size, Size) * Noise)) / Math.Sqrt(2);
        return scope.Keep((pictures, labels));

        Tensor Column(Tensor values) => values.To(DType.Float32).Reshape([-1, 1, 1, 1]);
        Tensor Uniform(params ReadOnlySpan<long> shape) => Tensor.Empty(shape, DType.Float32).UniformInPlace(0, 1, generator);
        Tensor Normal(params ReadOnlySpan<long> shape) => Tensor.Empty(shape, DType.Float32).NormalInPlace(0, 1, generator);
    }
}
