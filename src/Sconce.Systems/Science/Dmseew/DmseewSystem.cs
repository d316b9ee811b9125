using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Science.Dmseew;

/// <summary>The card of earthquake warning by many sensors.</summary>
public sealed class DmseewSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "dmseew",
        "DMSEEW",
        "2020-W07",
        SystemTask.Science,
        new Paper(
            "A Distributed Multi-Sensor Machine Learning Approach to Earthquake Early Warning",
            "Fauvel, Balouek-Thomert, Melgar, Silva, Simonet, Antoniu, Costan, Masson, Parashar, Rodero, Termier",
            2020),
        "Every seismometer and GPS station classifies its own recording; only the labels travel, and their shares by type of" +
            " sensor give one alarm.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("dmseew", "words and amplitudes of recordings at the stations, neighbours of their votes at the centre", _ => new NoNetwork())
        {
            Capabilities = [new EarthquakeWarning(), new Exercise(static (_, _) => { })],
        },
    ];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new DmseewClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new DmseewMethod()];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new Warn()];
}
