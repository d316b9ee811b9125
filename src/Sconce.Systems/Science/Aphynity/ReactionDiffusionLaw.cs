using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>
/// FitzHugh and Nagumo's reaction and diffusion on a periodic square: u' = a Δu + u - u³ - v - k, v' = b Δv + u - v; the diffusion alone
/// where it is incomplete. <c>(N, 2, H, W) -> (N, 2, H, W)</c>. 2010.04456 §4.1, official networks.py.
/// </summary>
/// <param name="complete">Whether the reaction is part of the law.</param>
/// <param name="spacing">The distance of two pixels: 2 / size.</param>
public sealed partial class ReactionDiffusionLaw(bool complete, double spacing) : PhysicalLaw
{
    private const double Most = 1e-2; // of a coefficient: it is this much of a sigmoid
    private static readonly Operator PeriodicStencil = Operator.Find("sconce::periodic_stencil");

    /// <summary>The five-point stencil over the spacing squared.</summary>
    [Key("_laplacian")]
    public Sconce.Nn.Buffer Stencil { get; } = new(Laplacian(spacing, DType.Float32));

    /// <summary>Of the diffusion of u, before the sigmoid.</summary>
    [Key("params_org.a_org")]
    public Parameter A { get; } = Parameter.Full(-2);

    /// <summary>Of the diffusion of v.</summary>
    [Key("params_org.b_org")]
    public Parameter B { get; } = Parameter.Full(-2);

    /// <summary>Of the reaction; idle in an incomplete law.</summary>
    [Key("params_org.k_org")]
    public Parameter K { get; } = Parameter.Full(-2);

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, Tensor Value)> Coefficients =>
        complete ? [("a", Value(A)), ("b", Value(B)), ("k", Value(K))] : [("a", Value(A)), ("b", Value(B))];

    /// <summary>The five-point stencil of Δ on a grid of that spacing, <c>(1, 1, 3, 3)</c>.</summary>
    public static Tensor Laplacian(double spacing, DType type)
    {
        using var scope = new TensorScope();
        var stencil = Tensor.From([0.0, 1, 0, 1, -4, 1, 0, 1, 0], [1, 1, 3, 3]) / (spacing * spacing);
        return scope.Keep(stencil.To(type));
    }

    /// <summary>The same with coefficients that are given. <c>(N, 2, H, W) -> (N, 2, H, W)</c></summary>
    /// <param name="state">u and v.</param>
    /// <param name="laplacian">See <see cref="Laplacian"/>.</param>
    /// <param name="a">Of the diffusion of u.</param>
    /// <param name="b">Of the diffusion of v.</param>
    /// <param name="k">Of the reaction; null for none.</param>
    public static Tensor Derivative(Tensor state, Tensor laplacian, Tensor a, Tensor b, Tensor? k)
    {
        using var scope = new TensorScope();
        Tensor curved = (Tensor)PeriodicStencil.Call(state, laplacian)[0]!, speeds = Tensor.Stack([a, b]).View([2, 1, 1]);
        if (k is null) return scope.Keep(speeds * curved);
        var parts = state.Split(1, 1);
        Tensor u = parts[0], difference = u - parts[1];
        return scope.Keep(Tensor.Cat([difference - u.Pow(3) - k, difference], 1).Addcmul(speeds, curved));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor state) => Derivative(state, Stencil, Value(A), Value(B), complete ? Value(K) : null);

    private static Tensor Value(Parameter before) => before.Sigmoid() * Most;
}
