
namespace Sconce.Nn.Backbones;

/// <summary>One stage: blocks of one width.</summary>
/// <param name="Width">Channels.</param>
/// <param name="Depth">Blocks.</param>
/// <param name="GroupWidth">Channels of one group of the 3x3 convolutions.</param>
/// <param name="Stride">Of the first block.</param>
public sealed record RegNetStage(int Width, int Depth, int GroupWidth, int Stride = 2);

/// <summary>
/// The design space: a quantised straight line gives every block its width; 2003.13678 §3.3, torchvision 0.14.1 models/regnet.py
/// <c>BlockParams</c>.
/// </summary>
/// <param name="Depth">d, blocks in all.</param>
/// <param name="InitialWidth">w_0, the line's start: a positive multiple of 8.</param>
/// <param name="Slope">w_a, channels more a block; not negative.</param>
/// <param name="Multiplier">w_m, the ratio of neighbouring stages before rounding; above 1.</param>
/// <param name="GroupWidth">g, of every stage that is not narrower.</param>
public sealed record RegNetDesign(int Depth, int InitialWidth, double Slope, double Multiplier, int GroupWidth)
{
    private const int Quantum = 8;

    /// <summary>RegNetY-64GF, a trunk of SEER.</summary>
    public static RegNetDesign Y64 { get; } = new(20, 352, 147.48, 2.40, 328);

    /// <summary>RegNetY-128GF, a trunk of SEER and of SWAG.</summary>
    public static RegNetDesign Y128 { get; } = new(27, 456, 160.83, 2.52, 264);

    /// <summary>RegNetY-256GF, a trunk of SEER.</summary>
    public static RegNetDesign Y256 { get; } = new(27, 640, 230.83, 2.53, 373);

    /// <summary>The trunk of SEER's ten billion parameters: 37 GB in single precision.</summary>
    public static RegNetDesign Y10B { get; } = new(27, 1744, 620.83, 2.52, 1010);

    /// <summary>The stages that follow from the five numbers.</summary>
    /// <param name="bottleneckMultiplier">The inner width of a block as a multiple of its outer one: 1 in the published networks.</param>
    /// <exception cref="ArgumentException">The numbers lie outside the design space.</exception>
    public IReadOnlyList<RegNetStage> Stages(double bottleneckMultiplier = 1)
    {
        if (Depth < 1 || InitialWidth <= 0 || InitialWidth % Quantum != 0 || !(Slope >= 0) || !(Multiplier > 1) || GroupWidth < 1
            || !(bottleneckMultiplier > 0))
        {
            throw new ArgumentException($"RegNet: depth {Depth}, w_0 {InitialWidth}, w_a {Slope}, w_m {Multiplier}, g {GroupWidth}: wanted "
                + $"are a depth, a w_0 that is a multiple of {Quantum}, a w_a not below 0, a w_m above 1, a group width");
        }

        var stages = new List<RegNetStage>();
        // the line never falls, so equal widths are neighbours
        foreach (var width in Enumerable.Range(0, Depth).Select(Width).GroupBy(width => width))
        {
            int inner = (int)(width.Key * bottleneckMultiplier), group = Math.Min(GroupWidth, inner);
            stages.Add(new RegNetStage((int)(Channels.Divisible(inner, group) / bottleneckMultiplier), width.Count(), group));
        }

        return stages;
    }

    /// <summary>The width of block j before it is fitted to groups. In single precision and with ties to even, as the reference has
    /// it.</summary>
    private int Width(int block)
    {
        float line = InitialWidth + (block * (float)Slope);
        float step = MathF.Round(MathF.Log(line / InitialWidth) / (float)Math.Log(Multiplier));
        return (int)(MathF.Round(InitialWidth * MathF.Pow((float)Multiplier, step) / Quantum) * Quantum);
    }
}
