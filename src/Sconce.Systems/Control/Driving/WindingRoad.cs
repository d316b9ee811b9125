using Sconce.Torch;

namespace Sconce.Systems.Control.Driving;

/// <summary>Roads whose centre lines are sums of three sine waves: y(x) = Σ 8 a_k / (1, 2, 4)_k sin(w_k x + π b_k).</summary>
public static class WindingRoad
{
    /// <summary>Numbers of a road: the three a, then the three b.</summary>
    public const int Numbers = 6;

    private static readonly double[] Frequencies = [0.05, 0.11, 0.23];
    private static readonly double[] Heights = [8, 4, 2];

    /// <summary>Where the centre line is. <c>(N, …), (N, 6) -> (N, …)</c>, in metres</summary>
    /// <param name="x">Along the world's first axis.</param>
    /// <param name="roads">a and b, each in [-1, 1]; a scaled by how winding the road is.</param>
    public static Tensor Centre(Tensor x, Tensor roads)
    {
        using var scope = new TensorScope();
        long[] column = [-1, .. Enumerable.Repeat(1L, x.Dimensions - 1)];
        Tensor? sum = null;
        for (int k = 0; k < 3; k++)
        {
            Tensor height = roads.Select(1, k).Reshape(column) * Heights[k], phase = roads.Select(1, k + 3).Reshape(column) * Math.PI;
            var wave = height * ((x * Frequencies[k]) + phase).Sin();
            sum = sum is null ? wave : sum + wave;
        }

        return scope.Keep(sum!);
    }
}
