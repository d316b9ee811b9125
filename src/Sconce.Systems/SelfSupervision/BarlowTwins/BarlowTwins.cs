using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.BarlowTwins;

/// <summary>Barlow Twins' loss; 2103.03230 equation 1, facebookresearch/barlowtwins@8e8d284 main.py.</summary>
public static class BarlowTwinsLoss
{
    /// <summary>λ of the official code (the paper prints 0.005).</summary>
    public const double OfficialRedundancyWeight = 0.0051;

    /// <summary>The cross-correlation of two views' embeddings, each column standardised over the batch. <c>(N, D), (N, D) -> (D, D)</c> in
    /// [-1, 1].</summary>
    public static Tensor CrossCorrelation(Tensor first, Tensor second, double eps = 1e-5)
    {
        Statistics.Verify("Barlow Twins' standardisation", first, first.Size(0), "column");
        using var scope = new TensorScope();
        return scope.Keep(Standardize(first).T().Matmul(Standardize(second)) / first.Size(0));

        Tensor Standardize(Tensor z) => Functional.BatchNorm(z, null, null, null, null, true, 0, eps, true);
    }

    /// <summary>Σ (1 - C_ii)²: what the two views disagree about. Neither sum is averaged. <c>(D, D) -> ()</c></summary>
    public static Tensor Invariance(Tensor correlation)
    {
        using var scope = new TensorScope();
        return scope.Keep((correlation.Diagonal() - 1).Square().Sum());
    }

    /// <summary>Σ C_ij², i ≠ j: what the components repeat. <c>(D, D) -> ()</c></summary>
    public static Tensor Redundancy(Tensor correlation)
    {
        using var scope = new TensorScope();
        return scope.Keep(correlation.Square().Sum() - correlation.Diagonal().Square().Sum());
    }

    /// <summary>Invariance + λ redundancy of two views' embeddings. <c>(N, D), (N, D) -> ()</c></summary>
    public static Tensor Compute(Tensor first, Tensor second, double redundancyWeight = OfficialRedundancyWeight) =>
        Compute(CrossCorrelation(first, second), redundancyWeight);

    /// <summary>The same of a cross-correlation. <c>(D, D) -> ()</c></summary>
    public static Tensor Compute(Tensor correlation, double redundancyWeight)
    {
        using var scope = new TensorScope();
        return scope.Keep(Invariance(correlation) + Redundancy(correlation) * redundancyWeight);
    }
}

/// <summary>The published model in training: a ResNet-50 without classifier, a projector, the loss's normaliser.
/// <c>(N, 3, H, W) -> (N, D)</c> embeddings.</summary>
public sealed partial class BarlowTwins : Module<Tensor, Tensor>
{
    /// <summary>torchvision's initial weights, each residual branch's last gain at 0.</summary>
    /// <param name="projector">Sizes after the backbone's: 8192, 8192, 8192 in the published model.</param>
    /// <param name="layers">Blocks of the backbone's stages; ResNet-50's where left out.</param>
    public BarlowTwins(IReadOnlyList<int> projector, IReadOnlyList<int>? layers = null)
        : this(new ResNet(new ResNetConfiguration(ResNetBlock.Bottleneck, layers ?? [3, 4, 6, 3]) { Classes = 0, ZeroInitResidual = true }),
            projector)
    {
    }

    /// <summary>The same with any encoder.</summary>
    /// <param name="backbone"><c>(N, 3, H, W) -> (N, width)</c></param>
    /// <param name="width">Numbers of a feature.</param>
    /// <param name="projector">Sizes after the backbone's.</param>
    public BarlowTwins(Module<Tensor, Tensor> backbone, int width, IReadOnlyList<int> projector)
    {
        if (projector.Count == 0) throw new ArgumentException("Barlow Twins' projector has one size at least", nameof(projector));
        Backbone = backbone;
        Projector = CreateProjector(width, projector);
        Bn = new BatchNorm1d(projector[^1], affine: false);
    }

    private BarlowTwins(ResNet backbone, IReadOnlyList<int> projector)
        : this(backbone, backbone.Width, projector)
    {
    }

    /// <summary>The encoder; what is published and used afterwards.</summary>
    public Module<Tensor, Tensor> Backbone { get; }

    /// <summary>From features to embeddings.</summary>
    public Sequential Projector { get; }

    /// <summary>Standardises embeddings in the loss; its running statistics are kept and never used.</summary>
    public BatchNorm1d Bn { get; }

    /// <summary>Linear layers without biases, batch norm and ReLU after all but the last. <c>(N, inputs) -> (N, sizes[^1])</c></summary>
    public static Sequential CreateProjector(int inputs, IReadOnlyList<int> sizes)
    {
        var layers = new List<Module<Tensor, Tensor>>();
        foreach (int size in sizes.SkipLast(1))
        {
            layers.AddRange([new Linear(inputs, size, bias: false), new BatchNorm1d(size), new Relu(inPlace: true)]);
            inputs = size;
        }

        layers.Add(new Linear(inputs, sizes[^1], bias: false));
        return new Sequential(layers);
    }

    /// <summary>The loss of two views, each in a pass of its own: together they would share batch statistics. <c>-> ()</c></summary>
    public Tensor Loss(Tensor firstView, Tensor secondView, double redundancyWeight = BarlowTwinsLoss.OfficialRedundancyWeight)
    {
        using var scope = new TensorScope();
        return scope.Keep(EmbeddingLoss(this.Call(firstView), this.Call(secondView), redundancyWeight));
    }

    /// <summary>The loss of two views' embeddings, through the model's own normaliser. <c>(N, D), (N, D) -> ()</c></summary>
    public Tensor EmbeddingLoss(Tensor first, Tensor second, double redundancyWeight = BarlowTwinsLoss.OfficialRedundancyWeight)
    {
        using var scope = new TensorScope();
        var correlation = Bn.Call(first).T().Matmul(Bn.Call(second)) / first.Size(0);
        return scope.Keep(BarlowTwinsLoss.Compute(correlation, redundancyWeight));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures) => Projector.Call(Backbone.Call(pictures));
}
