using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Batch normalisation over all dimensions but the channels; <c>(N, C, …) -> (N, C, …)</c>. 1502.03167.</summary>
public abstract partial class BatchNorm : Module<Tensor, Tensor>
{
    private readonly double eps;

    private protected BatchNorm(int channels, double eps, double? momentum, bool affine, bool trackRunningStats)
    {
        this.eps = eps;
        Momentum = momentum;
        Weight = affine ? Parameter.Ones(channels) : null;
        Bias = affine ? Parameter.Zeros(channels) : null;
        RunningMean = trackRunningStats ? new Buffer(Tensor.Zeros([channels])) : null;
        RunningVar = trackRunningStats ? new Buffer(Tensor.Ones([channels])) : null;
        NumBatchesTracked = trackRunningStats ? new Buffer(Tensor.Zeros([], DType.Int64)) : null;
    }

    /// <summary>The share of a new batch in the running statistics; null for the plain mean of all batches.</summary>
    public double? Momentum { get; set; }

    /// <summary>Gains <c>(C)</c>.</summary>
    public Parameter? Weight { get; }

    /// <summary>Offsets <c>(C)</c>.</summary>
    public Parameter? Bias { get; }

    /// <summary>Means used when not training <c>(C)</c>.</summary>
    public Buffer? RunningMean { get; }

    /// <summary>Unbiased variances used when not training <c>(C)</c>.</summary>
    public Buffer? RunningVar { get; }

    /// <summary>How many batches the running statistics have seen.</summary>
    public Buffer? NumBatchesTracked { get; }

    /// <summary>What is added to variances before their root.</summary>
    public double Eps => eps;

    /// <summary>What answers in place of the norm, such as nothing where a convolution has taken it in; null for the norm itself.</summary>
    public Func<Tensor, Tensor>? Substitute { get; set; }

    /// <summary>The dimensions an input may have.</summary>
    private protected abstract bool Accepts(int dimensions);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        if (Substitute is { } other) return other(input);
        if (!Accepts(input.Dimensions))
            throw new TorchException($"{GetType().Name}: an input of shape [{string.Join(", ", input.Shape.ToArray())}] has the wrong "
                + $"number of dimensions");
        if (Training || RunningMean is null) Statistics.Verify(GetType().Name, input, input.Elements / Math.Max(1, input.Size(1)),
            "channel");
        double factor = Momentum ?? 0;
        if (Training && NumBatchesTracked is { } seen)
        {
            seen.AddInPlace(1);
            factor = Momentum ?? (1.0 / seen.Item<long>());
        }

        return Functional.BatchNorm(input, Weight, Bias, RunningMean, RunningVar, Training || RunningMean is null, factor, eps, true);
    }
}

/// <summary>Batch normalisation of <c>(N, C)</c> or <c>(N, C, L)</c>.</summary>
public sealed class BatchNorm1d(int channels, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
    : BatchNorm(channels, eps, momentum, affine, trackRunningStats)
{
    private protected override bool Accepts(int dimensions) => dimensions is 2 or 3;
}

/// <summary>Batch normalisation of <c>(N, C, H, W)</c>.</summary>
public sealed class BatchNorm2d(int channels, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
    : BatchNorm(channels, eps, momentum, affine, trackRunningStats)
{
    private protected override bool Accepts(int dimensions) => dimensions == 4;
}

/// <summary>Batch normalisation of <c>(N, C, D, H, W)</c>.</summary>
public sealed class BatchNorm3d(int channels, double eps = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStats = true)
    : BatchNorm(channels, eps, momentum, affine, trackRunningStats)
{
    private protected override bool Accepts(int dimensions) => dimensions == 5;
}

/// <summary>Normalises each item over its last dimensions. 1607.06450.</summary>
public sealed partial class LayerNorm : Module<Tensor, Tensor>
{
    private readonly long[] shape;
    private readonly double eps;

    /// <summary>Over the last dimension.</summary>
    public LayerNorm(long width, double eps = 1e-5, bool affine = true, bool bias = true)
        : this([width], eps, affine, bias)
    {
    }

    /// <summary>Over the last dimensions, of sizes <paramref name="shape"/>.</summary>
    public LayerNorm(long[] shape, double eps = 1e-5, bool affine = true, bool bias = true)
    {
        this.shape = shape;
        this.eps = eps;
        Weight = affine ? Parameter.Ones(shape) : null;
        Bias = affine && bias ? Parameter.Zeros(shape) : null;
    }

    /// <summary>Gains.</summary>
    public Parameter? Weight { get; }

    /// <summary>Offsets.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Functional.LayerNorm(input, shape, Weight, Bias, eps);
}

/// <summary>Normalises each item over groups of channels; <c>(N, C, …) -> (N, C, …)</c>. 1803.08494.</summary>
public sealed partial class GroupNorm : Module<Tensor, Tensor>
{
    private readonly int groups;
    private readonly double eps;

    /// <summary>Gains of one, offsets of zero.</summary>
    public GroupNorm(int groups, int channels, double eps = 1e-5, bool affine = true)
    {
        if (channels % groups != 0) throw new ArgumentException($"group norm: {channels} channels do not divide into {groups} groups");
        this.groups = groups;
        this.eps = eps;
        Weight = affine ? Parameter.Ones(channels) : null;
        Bias = affine ? Parameter.Zeros(channels) : null;
    }

    /// <summary>Gains <c>(C)</c>.</summary>
    public Parameter? Weight { get; }

    /// <summary>Offsets <c>(C)</c>.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Functional.GroupNorm(input, groups, Weight, Bias, eps);
}
