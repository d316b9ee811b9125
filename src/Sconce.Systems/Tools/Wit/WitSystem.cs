using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.Wit;

/// <summary>The card of the Wikipedia-based data set of pictures and texts.</summary>
public sealed class WitSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "wit",
        "WIT",
        "2021-W09",
        SystemTask.Tools,
        new Paper(
            "WIT: Wikipedia-based Image Text Dataset for Multimodal Multilingual Machine Learning",
            "Srinivasan, Raman, Chen, Bendersky, Najork",
            2021,
            "2103.01913",
            "google-research-datasets/wit@68b3867"),
        "Reads 37.6 million pictures' captions and pages in 108 languages row by row, chooses what goes together, and judges" +
            " retrieval by recall.");

    private const int Side = 64, Length = 64;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new(
            "wit_small", "four convolutions and a transformer of 2 layers over hashed words, into 64 numbers",
            _ => WitNetworks.Create(Side, Length))
        {
            Capabilities =
            [
                new PairRetrieval(),
                new Exercise(static (module, batch) => ((ClipModel)module).Call(
                    Tensor.Zeros([batch, 3, Side, Side]), Tensor.Zeros([batch, Length], DType.Int64))),
            ],
        },
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new WitClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new WitMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new WitDescribe(), new SearchByWords(), new SearchByPicture()];
}
