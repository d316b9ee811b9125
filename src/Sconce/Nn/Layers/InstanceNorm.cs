using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Normalises each channel of each item over its map; <c>(N, C, …) -> (N, C, …)</c>. 1607.08022. As in PyTorch, without gains and
/// running statistics unless asked.</summary>
public abstract partial class InstanceNorm : Module<Tensor, Tensor>
{
    private readonly double eps;
    private readonly double momentum;

    private protected InstanceNorm(int channels, double eps, double momentum, bool affine, bool trackRunningStats)
    {
        this.eps = eps;
        this.momentum = momentum;
        Weight = affine ? Parameter.Ones(channels) : null;
        Bias = affine ? Parameter.Zeros(channels) : null;
        RunningMean = trackRunningStats ? new Buffer(Tensor.Zeros([channels])) : null;
        RunningVar = trackRunningStats ? new Buffer(Tensor.Ones([channels])) : null;
        NumBatchesTracked = trackRunningStats ? new Buffer(Tensor.Zeros([], DType.Int64)) : null;
    }

    /// <summary>Gains <c>(C)</c>.</summary>
    public Parameter? Weight { get; }

    /// <summary>Offsets <c>(C)</c>.</summary>
    public Parameter? Bias { get; }

    /// <summary>Means used when not training <c>(C)</c>.</summary>
    public Buffer? RunningMean { get; }

    /// <summary>Unbiased variances used when not training <c>(C)</c>.</summary>
    public Buffer? RunningVar { get; }

    /// <summary>Always 0: PyTorch's instance norms keep the key but do not count.</summary>
    public Buffer? NumBatchesTracked { get; }

    /// <summary>The dimensions of an input.</summary>
    private protected abstract int Dimensions { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        if (input.Dimensions != Dimensions)
            throw new TorchException($"{GetType().Name}: an input of shape [{string.Join(", ", input.Shape.ToArray())}] has "
                + $"{input.Dimensions} dimensions, wanted are {Dimensions}");
        if (Training || RunningMean is null) Statistics.Verify(GetType().Name, input,
            input.Elements / Math.Max(1, input.Size(0) * input.Size(1)), "map");
        return Functional.InstanceNorm(input, Weight, Bias, RunningMean, RunningVar, Training || RunningMean is null, momentum, eps, true);
    }
}

/// <summary>Instance normalisation of <c>(N, C, L)</c>.</summary>
public sealed class InstanceNorm1d(int channels, double eps = 1e-5, double momentum = 0.1, bool affine = false,
    bool trackRunningStats = false)
    : InstanceNorm(channels, eps, momentum, affine, trackRunningStats)
{
    private protected override int Dimensions => 3;
}

/// <summary>Instance normalisation of <c>(N, C, H, W)</c>.</summary>
public sealed class InstanceNorm2d(int channels, double eps = 1e-5, double momentum = 0.1, bool affine = false,
    bool trackRunningStats = false)
    : InstanceNorm(channels, eps, momentum, affine, trackRunningStats)
{
    private protected override int Dimensions => 4;
}

/// <summary>Instance normalisation of <c>(N, C, D, H, W)</c>.</summary>
public sealed class InstanceNorm3d(int channels, double eps = 1e-5, double momentum = 0.1, bool affine = false,
    bool trackRunningStats = false)
    : InstanceNorm(channels, eps, momentum, affine, trackRunningStats)
{
    private protected override int Dimensions => 5;
}
