using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary>The card of GAN lottery tickets.</summary>
public sealed class GanTicketsSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "gan_tickets",
        "GAN lottery tickets",
        "2021-W08",
        SystemTask.Generation,
        new Paper(
            "Ultra-Data-Efficient GAN Training: Drawing A Lottery Ticket First, Then Training It Toughly",
            "Chen, Cheng, Gan, Liu, Wang",
            2021,
            "2103.00397",
            "VITA-Group/Ultra-Data-Efficient-GAN-Training@9a9a8df7"),
        "GANs from little data: prune and rewind until a tenth of the weights is left, then train them on features that the "
        + "discriminator's own gradient has moved.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Sngan("sngan_cifar10", "CIFAR-10's generator of SNGAN, pictures of 32 px", 4, 4_276_739),
        Sngan("sngan_stl10", "SNGAN's generator of 48 px", 6, 4_937_219),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [GanTicketsClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new GanTicketsClaim();

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new TicketMethod()];

    private static ModelVariant Sngan(string name, string description, int bottom, long parameters) =>
        new(name, description, _ => new SnganGenerator(bottom: bottom))
        {
            Capabilities = [new TensorInput(128), new ImageGenerator(128) { Opponent = _ => new SnganDiscriminator() }],
            Parameters = parameters,
            Load = static (module, path) => TicketWeights.Load((SnganGenerator)module, path),
        };
}
