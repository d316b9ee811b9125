using Sconce.Torch;

namespace Sconce.Systems.Analysis.RankCollapse;

/// <summary>How far a set of tokens is from being one token, over and over; 2103.03404 §2, official paper-plotting/utils.py. Matrices are
/// <c>(…, tokens, channels)</c>; each is measured by itself.</summary>
public static class ResidualMeasures
{
    /// <summary>What is left when the mean token is taken from every token. <c>-> (…, tokens, channels)</c></summary>
    public static Tensor Residual(Tensor x) => x - x.Mean([-2], keepdim: true);

    /// <summary>What is left when the best approximation of rank 1 is taken away. <c>-> (…, tokens, channels)</c></summary>
    public static Tensor RankOneResidual(Tensor x)
    {
        using var scope = new TensorScope();
        var (u, s, v) = Functional.LinalgSvd(x, fullMatrices: false);
        return scope.Keep(x - u[.., .., ..1] * s[.., ..1].Unsqueeze(-1) * v[.., ..1, ..]);
    }

    /// <summary>‖X‖₁: the largest column sum of absolutes. <c>-> (…)</c></summary>
    public static Tensor OneNorm(Tensor x) => x.Abs().Sum([-2]).Amax([-1]);

    /// <summary>‖X‖_∞: the largest row sum of absolutes. <c>-> (…)</c></summary>
    public static Tensor InfinityNorm(Tensor x) => x.Abs().Sum([-1]).Amax([-1]);

    /// <summary>‖X‖_{1,∞}, the geometric mean of the two. <c>-> (…)</c></summary>
    public static Tensor CompositeNorm(Tensor x) => (OneNorm(x) * InfinityNorm(x)).Sqrt();

    /// <summary>‖X‖_F. <c>-> (…)</c></summary>
    public static Tensor FrobeniusNorm(Tensor x) => x.Square().Sum([-2, -1]).Sqrt();

    /// <summary>‖res(X)‖_{1,∞} / ‖X‖_{1,∞}: 0 where all tokens are alike. <c>-> (…)</c></summary>
    public static Tensor Ratio(Tensor x)
    {
        using var scope = new TensorScope();
        return scope.Keep(CompositeNorm(Residual(x)) / CompositeNorm(x));
    }
}
