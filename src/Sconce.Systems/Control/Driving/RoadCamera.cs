using Sconce.Torch;

namespace Sconce.Systems.Control.Driving;

/// <summary>A pinhole camera above the bonnet that sees a road's surface and its middle line. Gradients flow to pose and road.</summary>
public sealed record RoadCamera
{
    private const double Sharpness = 6, LineWidth = 0.15, Surface = 0.6, Line = 0.4;

    /// <summary>Pixels, a third of which are above the horizon.</summary>
    public int Height { get; init; } = 24;

    /// <summary>Pixels.</summary>
    public int Width { get; init; } = 48;

    /// <summary>In pixels.</summary>
    public double Focal { get; init; } = 30;

    /// <summary>Above the ground, in metres.</summary>
    public double Above { get; init; } = 1.4;

    /// <summary>Of the road, in metres.</summary>
    public double HalfWidth { get; init; } = 2;

    /// <summary><c>(N, 3), (N, 6) -> (N, H, W)</c> in [0, 1]</summary>
    /// <param name="poses">Place in metres, heading in radians.</param>
    /// <param name="roads">See <see cref="WindingRoad"/>.</param>
    public Tensor See(Tensor poses, Tensor roads)
    {
        using var scope = new TensorScope();
        var (depths, laterals, below) = Ground();
        Tensor depth = depths.To(poses.DType), lateral = laterals.To(poses.DType);
        Tensor cos = Of(2).Cos(), sin = Of(2).Sin();
        Tensor x = Of(0) + (depth * cos) - (lateral * sin), y = Of(1) + (depth * sin) + (lateral * cos);
        var offset = y - WindingRoad.Centre(x, roads);
        var surface = ((HalfWidth - offset.Abs()) * Sharpness).Sigmoid();
        var line = (-(offset / LineWidth).Square()).Exp();
        return scope.Keep(((surface * Surface) + (line * Line)) * below.To(poses.DType));

        Tensor Of(int number) => poses.Select(1, number).Reshape([-1, 1, 1]);
    }

    /// <summary>Where on flat ground each pixel looks: ahead, to the left; and 0 for those above the horizon.</summary>
    private (Tensor Depths, Tensor Laterals, Tensor Below) Ground()
    {
        double horizon = Height / 3.0;
        double[] depths = new double[Height * Width], laterals = new double[depths.Length], below = new double[depths.Length];
        for (int k = 0; k < depths.Length; k++)
        {
            double row = (k / Width) + 0.5, column = (k % Width) + 0.5 - (Width / 2.0);
            if (row <= horizon + 0.5) continue;
            below[k] = 1;
            depths[k] = Focal * Above / (row - horizon);
            laterals[k] = -depths[k] * column / Focal;
        }

        return (Tensor.From(depths, [Height, Width]), Tensor.From(laterals, [Height, Width]), Tensor.From(below, [Height, Width]));
    }
}
