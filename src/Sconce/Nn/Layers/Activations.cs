using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>max(x, 0).</summary>
/// <param name="inPlace">Writes into its input, which saves memory; the input must not be needed afterwards.</param>
public sealed class Relu(bool inPlace = false) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => inPlace ? input.ReluInPlace() : input.Relu();
}

/// <summary>min(max(x, 0), 6).</summary>
public sealed class Relu6 : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Hardtanh(0.0, 6.0); // as reals: libtorch's fusion asserts that they are
}

/// <summary>x above zero, a slope below.</summary>
public sealed class LeakyRelu(double slope = 0.01) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.LeakyRelu(slope);
}

/// <summary>x above zero, a learned slope below.</summary>
public sealed partial class PRelu(int channels = 1, double initial = 0.25) : Module<Tensor, Tensor>
{
    /// <summary>One slope, or one a channel.</summary>
    public Parameter Weight { get; } = Parameter.Full(initial, channels);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Prelu(Weight);
}

/// <summary>x above zero, α(eˣ − 1) below.</summary>
public sealed class Elu(double alpha = 1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Elu(alpha);
}

/// <summary>The Gaussian error linear unit.</summary>
public sealed class Gelu(GeluForm form = GeluForm.Exact) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Functional.Gelu(input, form);
}

/// <summary>x · sigmoid(1.702 x), as CLIP's networks have it.</summary>
public sealed class QuickGelu : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => (input * 1.702).SigmoidInPlace() * input;
}

/// <summary>x · sigmoid(x), also called swish.</summary>
public sealed class Silu : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Silu();
}

/// <summary>x · relu6(x + 3) / 6.</summary>
public sealed class HardSwish : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Hardswish();
}

/// <summary>relu6(x + 3) / 6.</summary>
public sealed class HardSigmoid : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Hardsigmoid();
}

/// <summary>x · tanh(softplus(x)).</summary>
public sealed class Mish : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Mish();
}

/// <summary>1 / (1 + e⁻ˣ).</summary>
public sealed class Sigmoid : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Sigmoid();
}

/// <summary>The hyperbolic tangent.</summary>
public sealed class Tanh : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Tanh();
}

/// <summary>ln(1 + eˣ).</summary>
public sealed class Softplus(double beta = 1, double threshold = 20) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Softplus(beta, threshold);
}

/// <summary>Positive numbers that sum to one along a dimension.</summary>
public sealed class Softmax(int dimension = -1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Softmax(dimension);
}

/// <summary>The logarithm of <see cref="Softmax"/>.</summary>
public sealed class LogSoftmax(int dimension = -1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.LogSoftmax(dimension);
}
