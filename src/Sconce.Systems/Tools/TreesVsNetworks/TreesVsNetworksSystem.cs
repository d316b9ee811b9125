using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>The card of trees against networks on tables.</summary>
public sealed class TreesVsNetworksSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "trees_vs_networks",
        "Trees against networks on tables",
        "2022-W29",
        SystemTask.Tools,
        new Paper("Why do tree-based models still outperform deep learning on tabular data?", "Grinsztajn, Oyallon, Varoquaux", 2022,
            "2207.08815"),
        "Gradient-boosted trees on histograms, after LightGBM and scikit-learn, and a network beside them, on tables with blanks and " +
            "categories.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("trees", "gradient-boosted trees on histograms; what they are is learnt from a table", _ => new NoNetwork())
        {
            Capabilities = [new TablePredictor(ByTrees: true), new Exercise(static (_, _) => { })],
        },
        new("mlp", "d-128-128-k with ReLU on the same prepared table; here for 8 numbers and one answer", _ => new TabularNetwork(8, 1))
        {
            Capabilities =
            [
                new TensorInput(8),
                new TablePredictor(ByTrees: false),
                new Exercise(static (module, batch) => ((TabularNetwork)module).Call(Tensor.Zeros([batch, 8]))),
            ],
            Parameters = 17_793,
        },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new TreesMethod(), new MlpMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new TablePredict()];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new TreesVsNetworksClaim();
}
