using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Control.Loon;

/// <summary>The card of station-keeping balloons.</summary>
public sealed class LoonSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "loon",
        "Loon",
        "2020-W49",
        SystemTask.Control,
        new Paper(
            "Autonomous navigation of stratospheric balloons using reinforcement learning",
            "Bellemare, Candido, Castro, Gong, Machado, Moitra, Ponda, Wang",
            2020,
            Repository: "google/balloon-learning-environment@72082fe"),
        "A simulated balloon that can only rise and sink, and an agent of quantile regression that keeps it near its station by choosing " +
            "the winds.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("loon", "1,099 features through seven hidden layers of 600 to 51 quantiles of three actions", _ =>
            new QuantileNetwork(new QuantileNetworkConfig()))
        {
            Capabilities =
            [
                new TensorInput(LoonFeatures.Count),
                new BalloonPilot(Small: false),
                new Exercise(static (module, batch) => ((QuantileNetwork)module).Call(Tensor.Zeros([batch, LoonFeatures.Count]))),
            ],
            Parameters = 2_915_553,
        },
        new("loon_small", "101 features of the claim's small world through two hidden layers of 128 to 32 quantiles", _ =>
            new QuantileNetwork(SmallConfig))
        {
            Capabilities =
            [
                new TensorInput(SmallWorld.Numbers),
                new BalloonPilot(Small: true),
                new Exercise(static (module, batch) => ((QuantileNetwork)module).Call(Tensor.Zeros([batch, SmallWorld.Numbers]))),
            ],
            Parameters = 41_952,
        },
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new LoonClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new LoonMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new LoonPlay()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Play];

    private static QuantileNetworkConfig SmallConfig { get; } = new(SmallWorld.Numbers, 3, 3, 128, 32);
}
