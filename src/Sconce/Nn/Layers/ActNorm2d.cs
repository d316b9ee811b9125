using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>
/// A scale and an offset for each channel, <c>scale · (x + loc)</c>, set by the first batch in training so that it leaves with mean 0 and
/// deviation 1, and learnt from there. <c>(N, C, H, W) -> (N, C, H, W)</c>; 1807.03039 §3.1.
/// </summary>
/// <param name="channels">C.</param>
public sealed partial class ActNorm2d(int channels) : Module<Tensor, Tensor>
{
    private const double Epsilon = 1e-6;

    /// <summary>Offsets <c>(1, C, 1, 1)</c>.</summary>
    public Parameter Loc { get; } = Parameter.Zeros(1, channels, 1, 1);

    /// <summary>Scales <c>(1, C, 1, 1)</c>.</summary>
    public Parameter Scale { get; } = Parameter.Ones(1, channels, 1, 1);

    /// <summary>1 once a batch has set them.</summary>
    public Buffer Initialized { get; } = new(Tensor.Zeros([], DType.UInt8));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        if (Training && Initialized.Item<byte>() == 0) Initialize(input);
        return Scale * (input + Loc);
    }

    private void Initialize(Tensor input)
    {
        using var noGrad = Gradients.Off();
        Statistics.Verify(nameof(ActNorm2d), input, input.Elements / Math.Max(1, input.Size(1)), "channel");
        Loc.CopyInPlace(-input.Mean([0, 2, 3], keepdim: true));
        Scale.CopyInPlace(1 / (input.Std([0, 2, 3], unbiased: true, keepdim: true) + Epsilon));
        Initialized.FillInPlace(1);
    }
}
