using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>The self-normalising exponential linear unit; 1706.02515.</summary>
public sealed class Selu : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Selu();
}

/// <summary>max(x, 0) + min(α(e^(x/α) − 1), 0); 1704.07483.</summary>
public sealed class Celu(double alpha = 1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Celu(alpha);
}

/// <summary>ln(1 / (1 + e⁻ˣ)).</summary>
public sealed class LogSigmoid : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.LogSigmoid();
}

/// <summary>x cut to [low, high].</summary>
public sealed class Hardtanh(double low = -1, double high = 1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Hardtanh(low, high);
}

/// <summary>x / (1 + |x|).</summary>
public sealed class Softsign : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input / (input.Abs() + 1);
}

/// <summary>The gated linear unit: the first half times the sigmoid of the second. <c>(…, 2c, …) -> (…, c, …)</c>; 1612.08083.</summary>
/// <param name="dimension">Which is halved.</param>
public sealed class Glu(int dimension = -1) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Glu(dimension);
}
