using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>MODNet's card.</summary>
public sealed class ModNetSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "modnet",
        "MODNet",
        "2020-W48",
        SystemTask.DensePrediction,
        new Paper(
            "Is a Green Screen Really Necessary for Real-Time Portrait Matting?", "Ke, Li, Zhou, Wu, Mao, Yan, Lau", 2020, "2011.11961",
            "ZHKKKe/MODNet@28165a4"),
        "Cuts a person out of a picture or clip, hair included, without a green screen or a trimap, in real time.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("modnet", "The released network: MobileNetV2, pictures of any size, 512 px on the short side in training", _ => new ModNet())
        {
            Capabilities = [TensorInput.Pictures(512)],
            Parameters = 6_487_075,
        },
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new ModNetClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new ModNetMethod(), new SocMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new MattePicture(), new MatteClip()];

    /// <inheritdoc/>
    public override IReadOnlyList<Verb> DefaultFor => [Verb.Matte];
}
