using Sconce.Torch;

namespace Sconce.Systems.Analysis.RankCollapse;

/// <summary>
/// A pure attention network as the sum of its paths, one head a layer: SAN(X) = Σ P_{h_L}…P_{h_1} X W_{h_1}…W_{h_L} + 1bᵀ, every P from the
/// whole network's own forward; 2103.03404 Theorem 2.1. Its tensors belong to the scope in which it is made.
/// </summary>
public sealed class PathDecomposition
{
    private readonly SelfAttentionNetwork network;
    private readonly Tensor x;
    private readonly Tensor[] attention;

    /// <summary>Runs the network once and keeps who looked where.</summary>
    /// <param name="network">Without skips, perceptrons and norms.</param>
    /// <param name="x"><c>(N, tokens, width)</c></param>
    /// <exception cref="ArgumentException">The network has parts that are no sum of paths.</exception>
    public PathDecomposition(SelfAttentionNetwork network, Tensor x)
    {
        if (network.Config is { Skip: true } or { MlpWidth: not null } or { Norm: true })
            throw new ArgumentException("only a network of attention alone is the sum of these paths: leave out skips, "
                + "perceptrons and norms", nameof(network));
        this.network = network;
        this.x = x;
        using var scope = new TensorScope();
        var hidden = network.Hidden(x);
        attention = scope.Keep(network.Layers.Select((layer, k) => layer.Attention(hidden[k])).ToArray());
    }

    /// <summary>Every choice of one head a layer, H^L of them, in order.</summary>
    public IEnumerable<int[]> Paths
    {
        get
        {
            var path = new int[network.Layers.Count];
            while (true)
            {
                yield return [.. path];
                int layer = path.Length - 1;
                while (layer >= 0 && ++path[layer] == network.Config.Heads) path[layer--] = 0;
                if (layer < 0) yield break;
            }
        }
    }

    /// <summary>One path's output. <c>-> (N, tokens, width)</c></summary>
    /// <param name="heads">The head in each layer, the first layer's first.</param>
    public Tensor Output(params ReadOnlySpan<int> heads)
    {
        if (heads.Length != network.Layers.Count)
            throw new ArgumentException($"a path has a head for each of the {network.Layers.Count} layers, not "
                + $"{heads.Length}", nameof(heads));
        using var scope = new TensorScope();
        var result = x;
        for (int layer = 0; layer < heads.Length; layer++)
            result = attention[layer].Select(1, heads[layer]).Matmul(result).Matmul(network.Layers[layer].HeadWeight(heads[layer]));
        return scope.Keep(result);
    }

    /// <summary>What the biases add to every token: each layer's goes through all heads of the layers above, whose rows sum to 1.
    /// <c>-> (width)</c></summary>
    public Tensor BiasRow()
    {
        using var scope = new TensorScope();
        Tensor? row = null;
        foreach (var layer in network.Layers)
        {
            var through = row;
            if (through is not null)
            {
                var all = layer.HeadWeight(0);
                for (int head = 1; head < network.Config.Heads; head++) all = all + layer.HeadWeight(head);
                through = through.Unsqueeze(0).Matmul(all).Squeeze(0);
            }

            row = through is null ? layer.O.Bias!.Alias() : through + layer.O.Bias!;
        }

        return scope.Keep(row!);
    }

    /// <summary>The shares of paths of length 0 … L in a network whose layers may be passed over: C(L, k) Hᵏ / (1 + H)^L.</summary>
    public static double[] LengthDistribution(int heads, int layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(heads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        var shares = new double[layers + 1];
        double log = -layers * Math.Log(1 + heads);
        for (int k = 0; k <= layers; k++)
        {
            shares[k] = Math.Exp(log);
            log += Math.Log(heads) + Math.Log(layers - k) - Math.Log(k + 1);
        }

        return shares;
    }
}
