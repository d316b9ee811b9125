using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.FixRes;

/// <summary>Six classes of pictures of 64x64: a blob of 2, 3 or 5 lobes, filled or with a hole, of any colour, near the middle.</summary>
internal static class StarScenes
{
    internal const int Side = 64, Classes = 6;
    private const double Sensor = 0.25;
    private static readonly float[] Lobes = [2, 3, 5];

    /// <summary>Scenes <c>(count, 3, 64, 64)</c> without noise, and their classes, which take turns.</summary>
    internal static (Tensor Scenes, Tensor Labels) Sample(int count, Generator generator)
    {
        using var scope = new TensorScope();
        var labels = Tensor.From(Enumerable.Range(0, count).Select(k => (long)(k % Classes)).ToArray());
        var lobes = Column(Tensor.From(Enumerable.Range(0, count).Select(k => Lobes[k % Classes / 2]).ToArray()));
        var holed = Column((labels % 2).To(DType.Float32));
        var place = Tensor.Arange(Side).To(DType.Float32) + 0.5;
        var x = place.Reshape([1, 1, -1]) - Between(27, 37);
        var y = place.Reshape([1, -1, 1]) - Between(27, 37);
        var distance = (x.Square() + y.Square() + 1e-6).Sqrt();
        var edge = Between(14, 20) * (((y.Atan2(x) * lobes) + Between(0, 2 * Math.PI)).Cos() * 0.45 + 1);
        var shape = (edge - distance).Sigmoid();
        shape = shape * (1 - (holed * ((edge / 2) - distance).Sigmoid()));
        var colour = Tensor.Empty([count, 3, 1, 1], DType.Float32).NormalInPlace(0, 1, generator) * 1.2;
        return scope.Keep((shape.Unsqueeze(1) * colour, labels));

        Tensor Column(Tensor values) => values.Reshape([-1, 1, 1]);
        Tensor Between(double low, double high) => Tensor.Empty([count, 1, 1], DType.Float32).UniformInPlace(low, high, generator);
    }

    /// <summary>FixRes's test transform: 256/224 of the size, then the centre, then the sensor's noise.
    /// <c>-> (N, 3, size, size)</c></summary>
    internal static Tensor Test(Tensor scenes, int size, Generator generator)
    {
        using var scope = new TensorScope();
        int side = (int)(256.0 / 224 * size), start = FixResTransform.CropOffset(side, size);
        var resized = Functional.Interpolate(scenes, [side, side], Interpolation.Bilinear, antialias: true);
        return scope.Keep(Noisy(resized.Narrow(2, start, size).Narrow(3, start, size), generator));
    }

    /// <summary>The training transform: a random part of each scene at the given size, mirrored half the time.
    /// <c>-> (N, 3, size, size)</c></summary>
    internal static Tensor Train(Tensor scenes, int size, Random random, Generator generator)
    {
        using var scope = new TensorScope();
        var crops = new Tensor[scenes.Size(0)];
        for (int k = 0; k < crops.Length; k++)
        {
            double area = Side * Side * (0.25 + (0.75 * random.NextDouble())),
                ratio = Math.Exp(Math.Log(4.0 / 3) * ((2 * random.NextDouble()) - 1));
            int width = Math.Clamp((int)Math.Round(Math.Sqrt(area * ratio)), 1, Side),
                height = Math.Clamp((int)Math.Round(Math.Sqrt(area / ratio)), 1, Side);
            var part = scenes.Narrow(0, k, 1).Narrow(2, random.Next(Side - height + 1), height)
                .Narrow(3, random.Next(Side - width + 1), width);
            part = Functional.Interpolate(part, [size, size], Interpolation.Bilinear, antialias: true);
            crops[k] = random.Next(2) == 0 ? part : part.Flip([3]);
        }

        return scope.Keep(Noisy(Tensor.Cat(crops, 0), generator));
    }

    // After every resize, so that the noise says nothing of the resolution.
    private static Tensor Noisy(Tensor pictures, Generator generator) =>
        pictures + (Tensor.Empty(pictures.Shape, DType.Float32).NormalInPlace(0, 1, generator) * Sensor);
}
