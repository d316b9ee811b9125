using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>The card of heat conduction in long jumps.</summary>
public sealed class DiffusionNetSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "diffusionnet",
        "DiffusionNet",
        "2020-W47",
        SystemTask.Science,
        new Paper(
            "DiffusionNet: Accelerating the solution of Time-Dependent partial differential equations using deep learning",
            "Asem",
            2020,
            "2011.10015",
            "ASEM000/DiffusionNet@5ac07d3"),
        "A dense encoder and decoder around convolutional LSTMs that jumps many solver steps of heat conduction at once, and" +
            " the solvers it is held against.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("diffusionnet", "the paper's, for any grid whose sides are multiples of 4", _ => new HeatNetwork(HeatNetworkConfig.Official))
        {
            Capabilities =
            [
                new TensorInput(1, 1, 24, 24),
                new HeatSurrogate(24, 1e-4),
                new Exercise(static (module, batch) => ((HeatNetwork)module).Call(Tensor.Zeros([batch, 1, 1, 24, 24]))),
            ],
            Parameters = 3_567_761,
        },
        new("diffusionnet_small", "narrow, for grids of 12 x 12", _ => new HeatNetwork(HeatNetworkConfig.Small))
        {
            Capabilities =
            [
                new TensorInput(1, 1, 12, 12),
                new HeatSurrogate(12, 3e-3),
                new Exercise(static (module, batch) => ((HeatNetwork)module).Call(Tensor.Zeros([batch, 1, 1, 12, 12]))),
            ],
        },
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new DiffusionNetClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new HeatMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new SolveHeat()];
}
