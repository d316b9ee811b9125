using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// Bayesian personalised ranking: an item that was taken shall score above one that was not; 1205.2618, as LightGCN uses it.
/// </summary>
public static class BprLoss
{
    /// <summary>Mean of -log σ(s_taken - s_other). <c>-> ()</c></summary>
    /// <param name="users"><c>(batch, width)</c></param>
    /// <param name="taken"><c>(batch, width)</c></param>
    /// <param name="others"><c>(batch, width)</c></param>
    public static Tensor Ranking(Tensor users, Tensor taken, Tensor others)
    {
        using var scope = new TensorScope();
        return scope.Keep((users * (others - taken)).Sum([-1]).Softplus().Mean());
    }

    /// <summary>Half the squared lengths of the tables' rows, before any smoothing, over the batch. <c>-> ()</c></summary>
    public static Tensor Decay(Tensor users, Tensor taken, Tensor others)
    {
        using var scope = new TensorScope();
        return scope.Keep((users.Square().Sum() + taken.Square().Sum() + others.Square().Sum()) / (2 * users.Size(0)));
    }
}
