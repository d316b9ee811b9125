using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>
/// Eight classes of 32-dimensional points: a class is a centre in 8 signal dimensions, which 24 dimensions of larger nuisance and a fixed
/// rotation hide. A view changes the nuisance much and the signal little, as an augmentation does.
/// </summary>
/// <param name="Centres"><c>(8, 8)</c></param>
/// <param name="Rotation">Orthogonal <c>(32, 32)</c>.</param>
internal sealed record NuisanceClusters(Tensor Centres, Tensor Rotation) : ITensorContainer
{
    internal const int Classes = 8, Dimensions = 32;
    private const int Signal = 8;

    public IEnumerable<Tensor> Tensors => [Centres, Rotation];

    internal static NuisanceClusters Create(Generator generator)
    {
        using var scope = new TensorScope();
        var rotation = Functional.LinalgSvd(Normal(generator, Dimensions, Dimensions)).U;
        return scope.Keep(new NuisanceClusters(Normal(generator, Classes, Signal) * 1.5, rotation));
    }

    /// <summary>Points before the rotation, and their classes, which take turns: <c>(N, 32)</c>, <c>(N)</c>.</summary>
    internal (Tensor Points, Tensor Labels) Sample(int count, Generator generator)
    {
        using var scope = new TensorScope();
        var labels = Tensor.From(Enumerable.Range(0, count).Select(k => (long)(k % Classes)).ToArray());
        var points = Tensor.Cat([Centres[labels] + (Normal(generator, count, Signal) * 0.35),
            Normal(generator, count, Dimensions - Signal) * 1.2], 1);
        return scope.Keep((points, labels));
    }

    /// <summary>The example of each class whose signal is nearest its centre: an iconic one, and the one that is labelled.</summary>
    internal long[] Iconic(Tensor points, Tensor labels)
    {
        using var scope = new TensorScope();
        double[] distances = (points.Narrow(1, 0, Signal) - Centres[labels]).Square().Sum([1]).To(DType.Float64).ToArray<double>();
        long[] classes = labels.ToArray<long>();
        return [.. Enumerable.Range(0, Classes).Select(label => Enumerable.Range(0, classes.Length).Where(k => classes[k] == label)
            .MinBy(k => distances[k])).Select(k => (long)k)];
    }

    /// <summary>Points as they are, rotated.</summary>
    internal Tensor Plain(Tensor points) => points.Matmul(Rotation);

    internal Tensor Weak(Tensor points, Generator generator) => View(points, 0.05, 1, 0.3, generator);

    internal Tensor Strong(Tensor points, Generator generator) => View(points, 0.15, 0.5, 1, generator);

    private Tensor View(Tensor points, double signal, double kept, double nuisance, Generator generator)
    {
        using var scope = new TensorScope();
        long count = points.Size(0);
        var moved = Tensor.Cat(
            [
                points.Narrow(1, 0, Signal) + (Normal(generator, count, Signal) * signal),
                (points.Narrow(1, Signal, Dimensions - Signal) * kept) + (Normal(generator, count, Dimensions - Signal) * nuisance),
            ],
            1);
        return scope.Keep(moved.Matmul(Rotation));
    }

    private static Tensor Normal(Generator generator, params ReadOnlySpan<long> shape) =>
        Tensor.Empty(shape, DType.Float32).NormalInPlace(0, 1, generator);
}
