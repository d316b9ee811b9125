using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>VISSL's SwAV head.</summary>
/// <param name="Dims">Widths from the trunk's features to the embedding, at least two.</param>
/// <param name="NumClusters">Prototypes of each set.</param>
public sealed record SeerHeadConfig(IReadOnlyList<int> Dims, IReadOnlyList<int> NumClusters)
{
    /// <summary>Whether a batch norm stands before each activation; the large SEER networks have none.</summary>
    public bool UseBatchNorm { get; init; }

    /// <summary>Whether the projection's layers have biases.</summary>
    public bool UseBias { get; init; } = true;

    /// <summary>Whether the last layer is left bare.</summary>
    public bool SkipLastNorm { get; init; } = true;

    /// <summary>Whether embeddings are brought to length 1.</summary>
    public bool NormalizeFeatures { get; init; } = true;

    /// <summary>GELU in place of ReLU.</summary>
    public bool Gelu { get; init; }

    /// <summary>Added to variances by the norms.</summary>
    public double NormEps { get; init; } = 1e-5;

    /// <summary>The norms' share of a new batch in the running statistics.</summary>
    public double NormMomentum { get; init; } = 0.1;
}

/// <summary>Projection, normalisation, sets of prototypes. <c>(N, dims[0]) -> (N, dims[^1]), sets x (N, K)</c>;
/// facebookresearch/vissl@09270ed vissl/models/heads/swav_prototypes_head.py, with its keys.</summary>
public sealed class SeerHead : Module<Tensor, SwavOutput>
{
    private readonly Sequential projectionHead = new();
    private readonly bool normalize;

    /// <summary>PyTorch's initial weights.</summary>
    /// <exception cref="ArgumentException">Fewer than two widths, or one below 1.</exception>
    public SeerHead(SeerHeadConfig config)
    {
        if (config.Dims.Count < 2 || config.Dims.Any(width => width < 1) || config.NumClusters.Any(count => count < 1))
        {
            throw new ArgumentException($"SEER's head cannot be of the widths {string.Join("-", config.Dims)} with "
                + $"{string.Join(", ", config.NumClusters)} prototypes: two widths at least, all of them positive", nameof(config));
        }

        normalize = config.NormalizeFeatures;
        for (int k = 1; k < config.Dims.Count; k++)
        {
            projectionHead.Add(new Linear(config.Dims[k - 1], config.Dims[k], config.UseBias));
            if (k == config.Dims.Count - 1 && config.SkipLastNorm) break;
            if (config.UseBatchNorm) projectionHead.Add(new BatchNorm1d(config.Dims[k], config.NormEps, config.NormMomentum));
            projectionHead.Add(config.Gelu ? new Gelu() : new Relu(inPlace: true));
        }

        Width = config.Dims[^1];
        Prototypes = [.. config.NumClusters.Select(count => new Linear(Width, count, bias: false))];
    }

    /// <summary>Numbers of an embedding.</summary>
    public int Width { get; }

    /// <summary>The sets of prototypes.</summary>
    public IReadOnlyList<Linear> Prototypes { get; }

    /// <inheritdoc/>
    protected override SwavOutput Forward(Tensor features)
    {
        var embedding = projectionHead.Call(features);
        if (normalize) embedding = Functional.Normalize(embedding);
        return new SwavOutput(embedding, [.. Prototypes.Select(set => set.Call(embedding))]);
    }

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor)
    {
        visitor.Child("projection_head", projectionHead);
        for (int k = 0; k < Prototypes.Count; k++) visitor.Child($"prototypes{k}", Prototypes[k]);
    }
}
