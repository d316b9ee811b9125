using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.GanTickets;
using Sconce.Systems.Generation.Swagan;
using Sconce.Torch;

namespace Sconce.Bench.Generation;

/// <summary>Two players and their game as <c>sconce train</c> settles it; bench/peer/gan.py has the same under the same names.</summary>
/// <param name="Batch">Pictures a step.</param>
/// <param name="Side">Of a picture.</param>
/// <param name="Latent">Numbers that a picture is painted from.</param>
internal sealed record Adversaries(int Batch, int Side, int Latent)
{
    /// <summary>A quarter of config-f's channels, as two cores have time for.</summary>
    internal const int StyleChannels = 128;

    internal required Func<(Module<Tensor, Tensor> Generator, Module<Tensor, Tensor> Discriminator)> Create { get; init; }

    internal GanLoss Loss { get; init; } = GanLoss.NonSaturating;

    internal DiffAugmentPolicy Policy { get; init; } = DiffAugmentPolicy.None;

    /// <summary>Whether R1 and path lengths are penalised, every 16th and every 4th step.</summary>
    internal bool HasStyles { get; init; }

    internal double Rate => HasStyles ? 2e-3 : 2e-4;

    internal (double First, double Second) Betas => HasStyles ? (0, 0.99) : (0.5, 0.999);

    internal static Adversaries Get(string name) => name switch
    {
        "dcgan" => DcGan,
        "dcgan_augmented" => DcGan with { Policy = DiffAugmentPolicy.Parse("color,translation,cutout") },
        "stylegan2" => new(4, 64, 512)
        {
            HasStyles = true,
            Create = () => (new StyleGan2Generator(Styles), new StyleGan2Discriminator(Styles)),
        },
        "swagan" => new(4, 64, 512) { HasStyles = true, Create = () => (new SwaganGenerator(Styles), new SwaganDiscriminator(Styles)) },
        "sngan" => new(16, 32, 128) { Loss = GanLoss.Hinge, Create = () => (new SnganGenerator(), new SnganDiscriminator()) },
        _ => throw new ArgumentException($"no adversaries '{name}'"),
    };

    private static Adversaries DcGan => new(16, 64, 100) { Create = () => (new DcGanGenerator(), new DcGanDiscriminator()) };

    private static StyleGanConfig Styles => new(64)
    {
        Channels = new[] { 4, 8, 16, 32, 64 }.ToDictionary(side => side, _ => StyleChannels),
    };
}
