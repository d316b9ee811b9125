using System.Globalization;
using Sconce.Abilities;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary><c>--method ticket</c>: a generator's lottery ticket is sought on few pictures, then trained. 2103.00397.</summary>
public sealed class TicketMethod : TrainingMethod
{
    private const double PaperDistance = 0.01;

    /// <inheritdoc/>
    public override string Name => "ticket";

    /// <inheritdoc/>
    public override string Purpose =>
        "a generator and its discriminator are pruned and wound back round by round, and what is left learns on moved features";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of(new TicketSettings());

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("sngan_cifar10 --method ticket --data photos/ --rounds 10 --round-epochs 20 --epochs 300", "a tenth of the weights"),
        ("sngan_cifar10 --method ticket --data photos/ --augment translation,cutout", "over DiffAugment"),
    ];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new AdversarialRun(setup, new AdversarialPlan(this)
    {
        Begin = Begun,
        Settle = Settled,
        Describe = Described,
        Figures = ["left_generator", "left_discriminator"],
        Program = parts => new TicketProgram(parts) { Nearest = parts.Nearest },
    });

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        AdversarialEvaluation.Run(network, data, batch, cancellation);

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Generate;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Value)> Facts(string folder)
    {
        string path = Path.Combine(folder, RunFolder.BestName);
        if (!File.Exists(path)) return [];
        using var checkpoint = Checkpoint.Open(path);
        long all = 0, left = 0;
        foreach (var tensor in checkpoint.Tensors.Where(tensor => TicketMasks.IsConvolution(tensor.Name, tensor.Shape.Count)))
        {
            using var scope = new TensorScope();
            var values = ModelWeights.ToTensor(tensor);
            all += values.Elements;
            left += values.Ne(0).Sum().Item<long>();
        }

        if (all == 0) return [];
        string share = string.Create(
            CultureInfo.InvariantCulture, $"{left:N0} of {all:N0} weights of convolutions ({100.0 * left / all:0.0} %)");
        return
        [
            ("left of it", $"{share} of the generator in {RunFolder.BestName}"),
            ("gain", "none in size or time: zeros are stored and multiplied like other numbers"),
        ];
    }

    /// <summary>Adam's numbers for SNGAN, where the networks have no styles.</summary>
    private static IAdversarialSettings Begun(IAdversarialSettings settings, bool hasStyles) => hasStyles
        ? settings
        : settings.With(settings.Game with { Beta1 = settings.Game.Beta1 ?? 0, Beta2 = settings.Game.Beta2 ?? 0.9 });

    private static TicketSettings Settled(IAdversarialSettings settings, AdversarialNetworks networks)
    {
        var own = (TicketSettings)settings;
        int search = own.Ticket.Rounds * own.Ticket.RoundEpochs;
        if (own.Run.Steps is null && own.Run.Epochs <= search)
        {
            throw new SettingsException("epochs", called =>
                $"{called} {own.Run.Epochs}: {own.Ticket.Rounds} rounds of {own.Ticket.RoundEpochs} epochs take {search}, and the ticket "
                + $"is trained in those that remain: {called} {search + 1} at least");
        }

        if (own.Run.Patience is not null)
        {
            throw new SettingsException("patience", called => $"{called}: each round of the search runs to its end; leave it out");
        }

        bool canMove = networks is { Generator: ISplitGenerator, Discriminator: ISplitDiscriminator };
        double distance = own.Ticket.Distance ?? (canMove ? PaperDistance : 0);
        if (distance > 0 && !canMove)
        {
            throw new SettingsException("advaug", called =>
                $"{called} {distance}: {networks.Generator.GetType().Name} and its discriminator cannot be stopped at a feature: 0");
        }

        return own with { Ticket = own.Ticket with { Distance = distance } };
    }

    private static string Described(IAdversarialSettings settings)
    {
        var ticket = ((TicketSettings)settings).Ticket;
        double left = Math.Pow(1 - ticket.Prune, ticket.Rounds);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{ticket.Rounds} rounds of {ticket.RoundEpochs} epochs, in each of which {100 * ticket.Prune:0.#} % of the convolutions' "
            + $"weights fall; then the ticket of {100 * left:0.0} %, features moved by {ticket.Distance}");
    }
}
