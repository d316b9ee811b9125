using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>
/// Self-supervised consistency of the sub-objectives (SOC): on pictures without a matte, the three answers of one network must agree, while
/// a frozen copy keeps the boundary sharp. 2011.11961 §3.5; ZHKKKe/MODNet@28165a4 src/trainer.py <c>soc_adaptation_iter</c>.
/// </summary>
public sealed class ConsistencyLoss
{
    private const double Person = 0.1, Certain = 0.01;

    /// <summary>Weight of the agreement of coarse person and matte.</summary>
    public double SemanticScale { get; init; } = 100;

    /// <summary>Weight of the boundary's distance to the frozen copy's.</summary>
    public double DetailScale { get; init; } = 1;

    /// <summary>The losses of a batch, each <c>()</c>.</summary>
    /// <param name="output">What the network sees.</param>
    /// <param name="frozenDetail">What its frozen copy saw, <c>(N, 1, H, W)</c>.</param>
    /// <param name="frozenMatte">What its frozen copy saw, <c>(N, 1, H, W)</c>.</param>
    public (Tensor Semantic, Tensor Detail) Compute(ModNetOutput output, Tensor frozenDetail, Tensor frozenMatte)
    {
        using var scope = new TensorScope();
        var coarse = MatteBlur.Apply(Functional.InterpolateBy(output.Matte, 1.0 / 16, Interpolation.Bilinear));
        var semantic = Functional.MeanSquaredError(output.Semantic, Label(coarse))
            + Functional.MeanSquaredError(coarse, Label(output.Semantic));
        var boundary = Boundary(output);
        var detail = Along(boundary, output.Detail, frozenDetail) + Along(boundary, output.Matte, frozenMatte);
        return scope.Keep((semantic * SemanticScale, detail * DetailScale));
    }

    /// <summary>Where the person's edge lies, 1 there and 0 elsewhere: <c>(N, 1, H, W)</c>, off the tape.</summary>
    public static Tensor Boundary(ModNetOutput output)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var coarse = Functional.InterpolateBy((output.Semantic.Detach() > Person).To(output.Matte.DType), 16, Interpolation.Bilinear);
        var person = (output.Matte.Detach() > Person).To(output.Matte.DType) * coarse;
        int side = Math.Max(1, (int)((person.Size(2) + person.Size(3)) / 2.0 * 0.05));

        // SciPy's windows: an even one reaches one cell further down and right when it dilates, up and left when it erodes.
        var dilated = Largest(person, (side - 1) / 2, side / 2);
        var eroded = -Largest(-person, side / 2, (side - 1) / 2);
        return scope.Keep((dilated - eroded).Ne(0).To(output.Matte.DType));
    }

    /// <summary>What another head has to agree with: numbers off the tape, those near zero taken as zero.</summary>
    private static Tensor Label(Tensor answer)
    {
        var value = answer.Detach();
        return value * (value > Certain).To(value.DType);
    }

    /// <summary>
    /// The mean absolute difference along the boundary; a picture without one counts nothing (officially it is no number).
    /// </summary>
    private static Tensor Along(Tensor boundary, Tensor answer, Tensor frozen)
    {
        var sums = (boundary * (answer - frozen).Abs()).Sum([1, 2, 3]);
        return (sums / boundary.Sum([1, 2, 3]).ClampMin(1)).Mean();
    }

    private static Tensor Largest(Tensor maps, int before, int after)
    {
        int side = before + after + 1;
        var framed = maps.Pad([before, after, before, after], "constant", double.NegativeInfinity);
        return framed.MaxPool2d([1, side], [1, 1]).MaxPool2d([side, 1], [1, 1]);
    }
}
