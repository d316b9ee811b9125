using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>How a map is resampled to another size.</summary>
public enum Interpolation
{
    /// <summary>The nearest cell, rounding down (PyTorch's <c>nearest</c>).</summary>
    Nearest,

    /// <summary>The nearest cell's centre (PyTorch's <c>nearest-exact</c>, PIL's nearest).</summary>
    NearestExact,

    /// <summary>Linear along a sequence.</summary>
    Linear,

    /// <summary>Linear in two dimensions.</summary>
    Bilinear,

    /// <summary>Cubic in two dimensions, with coefficient -0.75; with antialias -0.5.</summary>
    Bicubic,

    /// <summary>Linear in three dimensions.</summary>
    Trilinear,

    /// <summary>The mean of the area that a cell covers.</summary>
    Area,
}

/// <summary>Which form of the Gaussian error linear unit.</summary>
public enum GeluForm
{
    /// <summary>With the error function.</summary>
    Exact,

    /// <summary>With the hyperbolic tangent, as JAX's default has it.</summary>
    Tanh,
}

/// <summary>How a loss's terms become its value.</summary>
public enum Reduction
{
    /// <summary>One value each term.</summary>
    None = 0,

    /// <summary>Their mean.</summary>
    Mean = 1,

    /// <summary>Their sum.</summary>
    Sum = 2,
}

/// <summary>Functions that are several operators, or one under an older name, added to <see cref="Functional"/>.</summary>
public static class FunctionalComposites
{
    extension(Functional)
    {
        /// <summary>Pads the last dimensions.</summary>
        /// <param name="input">Any shape; modes other than zeros pad the last one to three dimensions of a batch of maps.</param>
        /// <param name="padding">Before and after the last dimension, then of the one before it, …</param>
        /// <param name="mode">What stands there.</param>
        /// <param name="value">The number, where the mode is Zeros.</param>
        public static Tensor Pad(Tensor input, ReadOnlySpan<long> padding, PaddingMode mode = PaddingMode.Zeros, double value = 0) =>
            mode switch
            {
                PaddingMode.Zeros => input.Pad(padding, "constant", value),
                PaddingMode.Reflect => input.Pad(padding, "reflect"),
                PaddingMode.Replicate => input.Pad(padding, "replicate"),
                _ => input.Pad(padding, "circular"),
            };

        /// <summary>Resamples the last dimensions to <paramref name="size"/> (<c>F.interpolate</c>).</summary>
        /// <param name="input"><c>(N, C, …)</c></param>
        /// <param name="size">Of the dimensions after the channels.</param>
        /// <param name="mode">The filter.</param>
        /// <param name="alignCorners">Whether corners map to corners (linear and cubic modes).</param>
        /// <param name="antialias">Whether the filter widens when shrinking, as PIL's does (bilinear and bicubic).</param>
        public static Tensor Interpolate(Tensor input, ReadOnlySpan<long> size, Interpolation mode = Interpolation.Nearest,
            bool alignCorners = false, bool antialias = false)
        {
            if (size.Length != input.Dimensions - 2)
                throw new TorchException($"interpolate: {size.Length} sizes for a tensor of shape "
                    + $"[{string.Join(", ", input.Shape.ToArray())}]: one is wanted for each dimension after the channels");
            return (mode, size.Length) switch
            {
                (Interpolation.Nearest, 1) => input.UpsampleNearest1d(size),
                (Interpolation.Nearest, 2) => input.UpsampleNearest2d(size),
                (Interpolation.Nearest, 3) => input.UpsampleNearest3d(size),
                (Interpolation.NearestExact, 1) => input.UpsampleNearestExact1d(size),
                (Interpolation.NearestExact, 2) => input.UpsampleNearestExact2d(size),
                (Interpolation.NearestExact, 3) => input.UpsampleNearestExact3d(size),
                (Interpolation.Linear, 1) => input.UpsampleLinear1d(size, alignCorners),
                (Interpolation.Bilinear, 2) when antialias => input.UpsampleBilinear2dAa(size, alignCorners),
                (Interpolation.Bilinear, 2) => input.UpsampleBilinear2d(size, alignCorners),
                (Interpolation.Bicubic, 2) when antialias => input.UpsampleBicubic2dAa(size, alignCorners),
                (Interpolation.Bicubic, 2) => input.UpsampleBicubic2d(size, alignCorners),
                (Interpolation.Trilinear, 3) => input.UpsampleTrilinear3d(size, alignCorners),
                (Interpolation.Area, 1) => input.AdaptiveAvgPool1d(size),
                (Interpolation.Area, 2) => input.AdaptiveAvgPool2d(size),
                (Interpolation.Area, 3) => input.AdaptiveAvgPool3d(size),
                _ => throw new TorchException($"interpolate: {mode} does not apply to {size.Length} dimensions"),
            };
        }

        /// <summary>Resamples by factors: <c>scale_factor</c> is handed to the operator, as <c>F.interpolate</c> does it, so that it, not
        /// the rounded size, places the samples.</summary>
        /// <param name="input"><c>(N, C, H, W)</c></param>
        /// <param name="scale">Of height and width.</param>
        /// <param name="mode">Nearest, Bilinear or Bicubic.</param>
        /// <param name="alignCorners">Whether corners map to corners.</param>
        public static Tensor InterpolateBy(Tensor input, double scale, Interpolation mode = Interpolation.Nearest,
            bool alignCorners = false)
        {
            ReadOnlySpan<long> size = [(long)Math.Floor(input.Size(-2) * scale), (long)Math.Floor(input.Size(-1) * scale)];
            return mode switch
            {
                Interpolation.Nearest => input.UpsampleNearest2d(size, scale, scale),
                Interpolation.Bilinear => input.UpsampleBilinear2d(size, alignCorners, scale, scale),
                Interpolation.Bicubic => input.UpsampleBicubic2d(size, alignCorners, scale, scale),
                _ => throw new TorchException($"interpolate: {mode} does not take a factor here"),
            };
        }

        /// <summary><c>x · Φ(x)</c>, exactly or in the tanh form.</summary>
        public static Tensor Gelu(Tensor input, GeluForm form) => input.Gelu(form == GeluForm.Exact ? "none" : "tanh");

        /// <summary>Cross-entropy of logits <c>(N, classes, …)</c> against class numbers <c>(N, …)</c> or probabilities
        /// <c>(N, classes, …)</c>.</summary>
        public static Tensor CrossEntropy(Tensor logits, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean,
            long ignoreIndex = -100, double labelSmoothing = 0) =>
            logits.CrossEntropyLoss(target, weight, (long)reduction, ignoreIndex, labelSmoothing);

        /// <summary>Mean squared error.</summary>
        public static Tensor MeanSquaredError(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
            input.MseLoss(target, (long)reduction);

        /// <summary>Mean absolute error.</summary>
        public static Tensor MeanAbsoluteError(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
            input.L1Loss(target, (long)reduction);

        /// <summary>Binary cross-entropy of logits.</summary>
        public static Tensor BinaryCrossEntropyWithLogits(Tensor logits, Tensor target, Tensor? weight = null,
            Tensor? positiveWeight = null, Reduction reduction = Reduction.Mean) =>
            logits.BinaryCrossEntropyWithLogits(target, weight, positiveWeight, (long)reduction);

        /// <summary>Scaled rows of unit Euclidean (or other) length along a dimension (<c>F.normalize</c>).</summary>
        public static Tensor Normalize(Tensor input, long dimension = 1, double eps = 1e-12, double order = 2) =>
            input / input.Norm(order, [dimension], keepdim: true).ClampMin(eps);

        /// <summary>softmax(q kᵀ · scale + mask) v. <c>(…, queries, d), (…, keys, d), (…, keys, v) -> (…, queries, v)</c>.</summary>
        /// <param name="query">Queries.</param>
        /// <param name="key">Keys.</param>
        /// <param name="value">Values.</param>
        /// <param name="mask">Added to the scores; or of truth values, false where a query may not look.</param>
        /// <param name="scale">1/√d where left out.</param>
        /// <param name="dropout">The share of attention weights dropped, while training.</param>
        public static Tensor ScaledDotProductAttention(Tensor query, Tensor key, Tensor value, Tensor? mask = null, double? scale = null,
            double dropout = 0)
        {
            using var scope = new TensorScope();
            double factor = scale ?? 1 / Math.Sqrt(query.Size(-1));
            var scores = (query * factor).Matmul(key.Transpose(-2, -1)); // (…, queries, keys)
            if (mask is { DType: DType.Bool }) scores = scores.MaskedFill(mask.LogicalNot(), double.NegativeInfinity);
            else if (mask is not null) scores = scores + mask;
            var weights = scores.Softmax(-1);
            if (dropout > 0) weights = Functional.Dropout(weights, dropout, true);
            return scope.Keep(weights.Matmul(value));
        }
    }
}
