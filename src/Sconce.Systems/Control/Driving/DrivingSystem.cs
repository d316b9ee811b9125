using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Control.Driving;

/// <summary>The card of driving from a camera.</summary>
public sealed class DrivingSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "driving",
        "End-to-end driving",
        "2021-W06",
        SystemTask.Control,
        new Paper(
            "Urban Driving with Conditional Imitation Learning",
            "Hawke, Shen, Gurau, Sharma, Reda, Nikolov et al.",
            2019,
            "1912.00177"),
        "From a camera's picture to the steering wheel by imitation, in a small differentiable simulator, judged by driving," +
            " and attacked by noise that a person does not see.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("driving_policy", "two convolutions and two layers on pictures of 24 x 48", _ => new DrivingPolicy())
        {
            Capabilities =
            [
                new TensorInput(1, 24, 48),
                new CameraDriver(),
                new Exercise(static (module, batch) => ((DrivingPolicy)module).Call(Tensor.Zeros([batch, 1, 24, 48]))),
            ],
            Parameters = 38_305,
        },
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new DrivingClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } =
        [new ImitationMethod(asksOnTheWay: false), new ImitationMethod(asksOnTheWay: true), new DdpgMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new DrivePlay()];
}
