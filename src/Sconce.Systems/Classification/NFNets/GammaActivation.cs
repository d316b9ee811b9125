using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>The nonlinearities for which the official code states a gamma.</summary>
public enum Nonlinearity
{
    /// <summary>None.</summary>
    Identity,

    /// <summary>max(0, x) + min(0, eˣ − 1).</summary>
    Celu,

    /// <summary>x above zero, eˣ − 1 below.</summary>
    Elu,

    /// <summary>x Φ(x).</summary>
    Gelu,

    /// <summary>x above zero, 0.01 x below.</summary>
    LeakyRelu,

    /// <summary>log sigmoid(x).</summary>
    LogSigmoid,

    /// <summary>log softmax over the last dimension.</summary>
    LogSoftmax,

    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>min(max(0, x), 6).</summary>
    Relu6,

    /// <summary>The self-normalising ELU.</summary>
    Selu,

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    Sigmoid,

    /// <summary>x sigmoid(x).</summary>
    Silu,

    /// <summary>x / (1 + |x|).</summary>
    Softsign,

    /// <summary>log(1 + eˣ).</summary>
    Softplus,

    /// <summary>tanh x.</summary>
    Tanh,
}

/// <summary>
/// A nonlinearity times the constant γ that keeps unit variance: Var(γ g(z)) = 1 for z ~ N(0, 1). Any shape to the same shape;
/// 2101.08692 §4.1, constants from deepmind-research@68a1754 nfnets/base.py.
/// </summary>
/// <param name="nonlinearity">g.</param>
/// <param name="gamma">The factor; <see cref="Gamma"/> for the paper's, 1 where the convolutions carry it.</param>
/// <param name="gelu">The exact form in the PyTorch carrier, the tanh form in the official JAX code.</param>
/// <param name="inPlace">Writes into its input where no gradients are recorded; the input must not be needed afterwards.</param>
public sealed class GammaActivation(Nonlinearity nonlinearity, double gamma, GeluForm gelu = GeluForm.Exact, bool inPlace = false)
    : Module<Tensor, Tensor>
{
    /// <summary>γ of a nonlinearity.</summary>
    public static double Gamma(Nonlinearity nonlinearity) => nonlinearity switch
    {
        Nonlinearity.Identity => 1,
        Nonlinearity.Celu => 1.270926833152771,
        Nonlinearity.Elu => 1.2716004848480225,
        Nonlinearity.Gelu => 1.7015043497085571,
        Nonlinearity.LeakyRelu => 1.70590341091156,
        Nonlinearity.LogSigmoid => 1.9193484783172607,
        Nonlinearity.LogSoftmax => 1.0002083778381348,
        Nonlinearity.Relu => 1.7139588594436646,
        Nonlinearity.Relu6 => 1.7131484746932983,
        Nonlinearity.Selu => 1.0008515119552612,
        Nonlinearity.Sigmoid => 4.803835391998291,
        Nonlinearity.Silu => 1.7881293296813965,
        Nonlinearity.Softsign => 2.338853120803833,
        Nonlinearity.Softplus => 1.9203323125839233,
        Nonlinearity.Tanh => 1.5939117670059204,
        _ => throw new ArgumentOutOfRangeException(nameof(nonlinearity), nonlinearity, "no gamma is known for it"),
    };

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        bool free = !Gradients.Enabled;
        var output = inPlace && free ? Overwrite(input) : Apply(input);
        if (gamma == 1) return output;
        return free && (inPlace || !ReferenceEquals(output, input)) ? output.MulInPlace(gamma) : output * gamma;
    }

    private Tensor Apply(Tensor x) => nonlinearity switch
    {
        Nonlinearity.Identity => x,
        Nonlinearity.Celu => x.Celu(),
        Nonlinearity.Elu => x.Elu(),
        Nonlinearity.Gelu => Functional.Gelu(x, gelu),
        Nonlinearity.LeakyRelu => x.LeakyRelu(),
        Nonlinearity.LogSigmoid => x.LogSigmoid(),
        Nonlinearity.LogSoftmax => x.LogSoftmax(-1),
        Nonlinearity.Relu => x.Relu(),
        Nonlinearity.Relu6 => x.Hardtanh(0.0, 6.0),
        Nonlinearity.Selu => x.Selu(),
        Nonlinearity.Sigmoid => x.Sigmoid(),
        Nonlinearity.Silu => x.Silu(),
        Nonlinearity.Softsign => x / (x.Abs() + 1),
        Nonlinearity.Softplus => x.Softplus(),
        _ => x.Tanh(),
    };

    private Tensor Overwrite(Tensor x) => nonlinearity switch
    {
        Nonlinearity.Gelu => x.GeluInPlace(approximate: gelu == GeluForm.Exact ? "none" : "tanh"),
        Nonlinearity.Relu => x.ReluInPlace(),
        Nonlinearity.Silu => x.SiluInPlace(),
        _ => Apply(x),
    };
}
