namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// How hard bristles press at each place of an oil stroke: ridges along its longer side that begin and end unevenly. Drawn by formula; the
/// official brushes are photos.
/// </summary>
internal sealed class BristleMask : IBrushMark
{
    private const double LargeShare = 0.1;
    private readonly double[] pressure, first, last;
    private readonly bool upright;

    private BristleMask(int bristles, bool upright, int seed)
    {
        this.upright = upright;
        var random = new Random(seed);
        double[] Draw(double low, double high) =>
            [.. Enumerable.Range(0, bristles + 1).Select(_ => low + ((high - low) * random.NextDouble()))];
        (pressure, first, last) = (Draw(0.3, 1), Draw(-1, -0.75), Draw(0.6, 1));
    }

    // As officially: one brush for large strokes, one for small ones, each lying and upright.
    private static BristleMask[] Large { get; } = [new(48, false, 1), new(48, true, 2)];

    private static BristleMask[] Small { get; } = [new(16, false, 3), new(16, true, 4)];

    internal static IBrushMark For(double halfWidth, double halfHeight, int unit)
    {
        bool large = 4 * halfWidth * halfHeight / ((double)unit * unit) > LargeShare;
        return (large ? Large : Small)[halfHeight > halfWidth ? 1 : 0];
    }

    /// <inheritdoc/>
    public double At(double across, double down)
    {
        double along = upright ? down : across, beside = upright ? across : down;
        double place = (beside + 1) / 2 * (pressure.Length - 1);
        int bristle = Math.Clamp((int)place, 0, pressure.Length - 2);
        double share = place - bristle;
        double Between(double[] numbers) => (numbers[bristle] * (1 - share)) + (numbers[bristle + 1] * share);
        double ends = Math.Min(along - Between(first), Between(last) - along) * 8;
        double edge = (1 - Math.Abs(beside)) * 8;
        return Between(pressure) * Math.Clamp(Math.Min(ends, edge), 0, 1);
    }
}
