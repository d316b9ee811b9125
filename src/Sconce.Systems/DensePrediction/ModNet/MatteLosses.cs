using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>A loss in parts, each <c>()</c> and scaled.</summary>
/// <param name="Semantic">Of the coarse person.</param>
/// <param name="Detail">Of the boundary.</param>
/// <param name="Matte">Of the whole matte.</param>
public sealed record MatteLoss(Tensor Semantic, Tensor Detail, Tensor Matte) : ITensorContainer
{
    /// <summary>Their sum.</summary>
    public Tensor Total => Semantic + Detail + Matte;

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Semantic, Detail, Matte];
}

/// <summary>
/// The three objectives with true mattes. 2011.11961 §3.2-3.4; ZHKKKe/MODNet@28165a4 src/trainer.py <c>supervised_training_iter</c>.
/// </summary>
public sealed class MatteLosses
{
    /// <summary>Weight of the coarse person's squared error.</summary>
    public double SemanticScale { get; init; } = 10;

    /// <summary>Weight of the boundary's absolute error; 0 for the claim's baseline.</summary>
    public double DetailScale { get; init; } = 10;

    /// <summary>Weight of the matte's absolute errors.</summary>
    public double MatteScale { get; init; } = 1;

    /// <summary>How much more the matte's errors weigh in the trimap's unknown band.</summary>
    public double BoundaryWeight { get; init; } = 4;

    /// <summary>The side of the blur of the coarse person, odd.</summary>
    public int Blur { get; init; } = 3;

    /// <summary>The losses of a batch.</summary>
    /// <param name="output">What the network saw.</param>
    /// <param name="image">The normalised picture, <c>(N, 3, H, W)</c>.</param>
    /// <param name="trimap">0 for background, ½ for unknown, 1 for person, <c>(N, 1, H, W)</c>.</param>
    /// <param name="matte">The truth in [0, 1], <c>(N, 1, H, W)</c>.</param>
    public MatteLoss Compute(ModNetOutput output, Tensor image, Tensor trimap, Tensor matte)
    {
        using var scope = new TensorScope();
        var coarse = MatteBlur.Apply(Functional.InterpolateBy(matte, 1.0 / 16, Interpolation.Bilinear), Blur);
        var semantic = Functional.MeanSquaredError(output.Semantic, coarse) * SemanticScale;

        var known = trimap.Ne(0.5);
        Tensor InTheBand(Tensor x) => Functional.Where(known, trimap, x);
        var detail = Functional.MeanAbsoluteError(InTheBand(output.Detail), InTheBand(matte)) * DetailScale;

        var band = InTheBand(output.Matte);
        var composite = image * matte;
        var errors = Functional.MeanAbsoluteError(output.Matte, matte) + Functional.MeanAbsoluteError(image * output.Matte, composite);
        var bandErrors = Functional.MeanAbsoluteError(band, matte) + Functional.MeanAbsoluteError(image * band, composite);
        return scope.Keep(new MatteLoss(semantic, detail, (errors + (bandErrors * BoundaryWeight)) * MatteScale));
    }
}

/// <summary>
/// The blur that the coarse person is compared under. Its kernel is an impulse under a Gaussian whose tails are folded back at the kernel's
/// own edges, as SciPy's filter does it; a plain Gaussian differs in the third digit. ZHKKKe/MODNet@28165a4 <c>GaussianBlurLayer</c>.
/// </summary>
public static class MatteBlur
{
    /// <summary>Blurs maps, mirrored at their edges. <c>(N, C, H, W) -> (N, C, H, W)</c></summary>
    /// <param name="input">Maps.</param>
    /// <param name="side">Of the kernel, odd; smaller than twice the map.</param>
    public static Tensor Apply(Tensor input, int side = 3)
    {
        using var scope = new TensorScope();
        long channels = input.Size(1), margin = side / 2;
        var weight = Kernel(side).To(input.Device, input.DType).Expand([channels, 1, side, side]);
        var padded = Functional.Pad(input, [margin, margin, margin, margin], PaddingMode.Reflect);
        return scope.Keep(Functional.Conv2d(padded, weight, null, [1, 1], [0, 0], [1, 1], channels));
    }

    /// <summary>The kernel <c>(side, side)</c>, which sums to 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The side is even, or less than 1.</exception>
    public static Tensor Kernel(int side)
    {
        if (side < 1 || side % 2 == 0) throw new ArgumentOutOfRangeException(nameof(side), side, "the side of a blur is odd");
        double sigma = (0.3 * (((side - 1) * 0.5) - 1)) + 0.8;
        int reach = (int)((4 * sigma) + 0.5);
        double sum = Enumerable.Range(-reach, (2 * reach) + 1).Sum(Gauss);
        var line = new double[side];
        for (int k = 0; k < side; k++)
        {
            for (int d = -reach; d <= reach; d++)
            {
                if (Folded(k + d) == side / 2) line[k] += Gauss(d) / sum;
            }
        }

        return Tensor.From([.. line.SelectMany(row => line.Select(column => (float)(row * column)))], [side, side]);

        double Gauss(int distance) => Math.Exp(-0.5 * distance * distance / (sigma * sigma));

        int Folded(int place)
        {
            int within = ((place % (2 * side)) + (2 * side)) % (2 * side);
            return within < side ? within : (2 * side) - 1 - within;
        }
    }
}
