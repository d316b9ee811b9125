using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.DiffAugment;
using Sconce.Systems.Generation.GanTickets;
using Sconce.Systems.Generation.Osgan;
using Sconce.Training;

namespace Sconce.Systems.Tests.Generation;

/// <summary>Generators small enough for tests.</summary>
internal sealed class MiniGenerators : CatalogueSystem
{
    public const int Latent = 6;

    private static readonly StyleGanConfig Sizes = new(8)
    {
        StyleWidth = Latent,
        MappingLayers = 2,
        Channels = new Dictionary<int, int> { [4] = 8, [8] = 4 },
        DeviationGroup = 2,
    };

    public static ModelVariant Plain { get; } = new("mini_dcgan", "pictures of 64 px", _ => new DcGanGenerator(Latent, 3, 4))
    {
        Capabilities = [new TensorInput(Latent), new ImageGenerator(Latent) { Opponent = _ => new DcGanDiscriminator(3, 4) }],
    };

    public static ModelVariant Styled { get; } = new("mini_stylegan", "pictures of 8 px", _ => new StyleGan2Generator(Sizes))
    {
        Capabilities =
        [
            new TensorInput(Latent),
            new ImageGenerator(Latent) { HasStyles = true, Opponent = _ => new StyleGan2Discriminator(Sizes) },
        ],
    };

    public static ModelVariant Spectral { get; } = new("mini_sngan", "pictures of 8 px", _ => new SnganGenerator(Latent, 1, 4))
    {
        Capabilities = [new TensorInput(Latent), new ImageGenerator(Latent) { Opponent = _ => new SnganDiscriminator(4) }],
    };

    public static ModelVariant Grouped { get; } = new("mini_dcgan_groups", "pictures of 64 px", _ => new DcGanGenerator(Latent, 3, 4))
    {
        Capabilities =
        [
            new TensorInput(Latent),
            new ImageGenerator(Latent) { Opponent = _ => new DcGanDiscriminator(3, 4, DcGanNorm.Group, 4) },
        ],
    };

    public static ModelVariant Other { get; } =
        new("mini_line", "no generator", _ => new Linear(2, 2)) { Capabilities = [new TensorInput(2)] };

    public override SystemCard Card { get; } =
        new("mini_generators", "Mini", "2020-W25", SystemTask.Generation, new Paper("Mini", "Nobody", 2020), "Small generators.");

    public override IReadOnlyList<ModelVariant> Variants => [Plain, Styled, Spectral, Grouped, Other];

    public override IReadOnlyList<TrainingMethod> Methods { get; } = [new DiffAugmentMethod(), new OsganMethod(), new TicketMethod()];
}
