using Sconce.Abilities;
using Sconce.Adversarial;
using Sconce.Training;

namespace Sconce.Systems.Generation.Osgan;

/// <summary><c>--method osgan</c>: a generator and its discriminator from one forward and one backward pass. 2103.00430.</summary>
public sealed class OsganMethod : TrainingMethod
{
    // cfgs/ there: the discriminator is slower than the generator, on digits more so.
    private const double OfColours = 4e-5, OfColoursAsymmetric = 1e-4, OfGrey = 1.35e-5, OfGreyAsymmetric = 5e-5;

    /// <inheritdoc/>
    public override string Name => "osgan";

    /// <inheritdoc/>
    public override string Purpose => "a generator and its discriminator learn from one pass a step, without labels";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<OsganSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("osgan_celeba --method osgan --data photos/ --out run1", "symmetric: DCGAN's discriminator has batch norms"),
        ("osgan_celeba_asymmetric --method osgan --data photos/", "asymmetric: its discriminator has group norms"),
        ("dcgan --method osgan --game wgan --data photos/", "Wasserstein's game"),
    ];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new AdversarialRun(setup, new AdversarialPlan(this)
    {
        Settle = Settled,
        Describe = settings => $"one pass a step, {((OsganSettings)settings).OneStage.Kind.ToString()!.ToLowerInvariant()} game",
        Program = Program,
    });

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        AdversarialEvaluation.Run(network, data, batch, cancellation);

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Generate;

    private static OsganSettings Settled(IAdversarialSettings settings, AdversarialNetworks networks)
    {
        var own = (OsganSettings)settings;
        bool isFree = OneStage.Dependence(networks.Discriminator, GanLoss.NonSaturating) is null;
        var kind = own.OneStage.Kind ?? (isFree ? OneStageGame.Asymmetric : OneStageGame.Symmetric);
        double rate = (kind, networks.Channels) switch
        {
            (OneStageGame.Asymmetric, 1) => OfGreyAsymmetric,
            (OneStageGame.Asymmetric, _) => OfColoursAsymmetric,
            (OneStageGame.Wgan, _) or (_, 1) => OfGrey,
            _ => OfColours,
        };

        // Networks with styles have rates of their own, of which both players' are equal.
        double? slower = networks.HasStyles ? null : rate;
        return own with
        {
            OneStage = own.OneStage with { Kind = kind },
            Game = own.Game with { DiscriminatorRate = own.Game.DiscriminatorRate ?? slower },
        };
    }

    private static OsganProgram Program(AdversarialParts parts)
    {
        var game = parts.Configuration.Of<OsganSettings>().OneStage.Kind!.Value;
        var loss = OsganProgram.LossOf(game, parts.Rules.Loss);
        if (OneStage.Dependence(parts.Discriminator.Network, loss) is { } name)
        {
            throw new SettingsException("game", called =>
                $"{called} asymmetric: '{name}' of {parts.Configuration.Network}'s discriminator makes a fake's judgement depend on the "
                + "others of its batch, so that one pass gives the generator a wrong gradient; take another game (symmetric, wgan), or "
                + "osgan_celeba_asymmetric, whose discriminator has group norms");
        }

        return new OsganProgram(parts, game) { Nearest = parts.Nearest };
    }
}
