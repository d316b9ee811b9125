using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Systems.Generation.DiffAugment;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.GanTickets;

/// <summary>Two small players on twenty pictures: whole, a ticket, any sixth of their weights; with moved features and without.</summary>
public sealed class GanTicketsClaim : Claim
{
    private const int Known = 20, Fresh = 2000, Rounds = 2;
    private const double Fraction = 0.6, Moved = 0.05, Better = 0.75, Close = 1.15;
    private const string Dense = "all weights", DenseMoved = "all weights, AdvAug", Ticket = "ticket", TicketMoved = "ticket, AdvAug";
    private const string Any = "any as many weights", Distance = "distance", Left = "weights left", Sound = "sound";

    /// <inheritdoc/>
    public override string Statement =>
        "On little data a sixth of the weights, found by pruning and rewinding, does as well as all of them, and far better when it learns "
        + "on features that the discriminator's gradient has moved.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds, the distance to fresh pictures of the ticket with AdvAug is at most 0.75 times that of all "
        + "weights and at most 1.15 times that of all weights with AdvAug, and the ticket's without it is not larger than that of all "
        + "weights. Does not hold where a round lets other than its share of weights fall, or a fallen weight is not zero. Undecided where "
        + "a mean misses by less than its standard error, or with one seed. Any as many weights are shown, and not part of the rule.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(5);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = new(
        "gan_tickets_claim", "the ticket that the claim draws and trains: pictures of 16 px", _ => new SmallGenerator())
    {
        Capabilities = [new TensorInput(SmallGenerator.Latent), new ImageGenerator(SmallGenerator.Latent)],
    };

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 20 : 600, fresh = options.Quick ? 200 : Fresh;
        var random = new Random(seed);
        using var scope = new TensorScope();
        var known = ShapePictures.Draw(Known, random);
        using var features = PictureFeatures.Random(Device.Cpu);
        using var truth = FeatureStatistics.Of(features.Call(ShapePictures.Draw(fresh, random)));
        using var trial = new TicketTrial(known, (ulong)seed);
        var moves = new AdversarialFeatures { Distance = Moved };
        Dictionary<string, double> distances = [];
        List<ClaimPicture> pictures = [];
        bool sound = true;
        ClaimNetwork? kept = null;
        Measure(DenseMoved, pruned: false, moves);
        Measure(Dense, pruned: false, null);
        sound &= trial.Prune(Fraction);
        for (int round = 1; round < Rounds; round++)
        {
            Measure($"round {round + 1}", pruned: true, null);
            sound &= trial.IsSound && trial.Prune(Fraction);
        }

        double left = trial.Left;
        foreach (string arm in (string[])[Ticket, TicketMoved])
        {
            Measure(arm, pruned: true, arm == Ticket ? null : moves);
            sound &= trial.IsSound;
        }

        trial.Shuffle();
        Measure(Any, pruned: true, null);
        string[] arms = [Dense, DenseMoved, Ticket, TicketMoved, Any];
        return new SeedResult(
        [
            .. arms.Select(arm => new ClaimRow(arm, Distance, [distances[arm]]) { IsMethod = arm is Ticket or TicketMoved }),
            new ClaimRow(Ticket, Left, [left]) { IsMethod = true },
        ])
        {
            Checks = [new ClaimRow(Ticket, Sound, [sound ? 1 : 0])],
            Network = kept,
            Pictures = pictures,
            Configuration =
            [
                ("data", $"shapes of 16x16 pixels, colours from -0.4 to 0.4: {Known} to learn, {fresh} fresh ones for the distance"),
                ("players", "a generator of 32-32-16 channels, a discriminator of 16-32-64 without norms; hinge losses"),
                ("training", $"Adam 1e-3 (0.5, 0.99) for both, {steps} steps of 16 a run; the generator's average of 0.99 is measured"),
                ("search", $"{Rounds} rounds, in each of which {100 * Fraction:0} % of the convolutions' weights fall; AdvAug {Moved}"),
                ("distance", $"Fréchet's, in the features of {features.Name}"),
            ],
        };

        void Measure(string arm, bool pruned, AdversarialFeatures? moved)
        {
            using var inner = new TensorScope();
            var painted = trial.Train(
                steps, pruned, moved, fresh,
                step =>
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (step % 10 == 0) progress?.Report(new WorkProgress($"{arm}, seed {seed}", step, steps));
                },
                generator => kept = arm == TicketMoved ? ClaimNetwork.Of(Network.Name, generator) : kept);
            using var statistics = FeatureStatistics.Of(features.Call(painted));
            distances[arm] = FrechetDistance.Of(statistics, truth);
            pictures.Add(new ClaimPicture($"{arm}, seed {seed}", SmallPictures.Sheet(painted[..16])));
        }
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        var (dense, denseMoved) = (table[Dense, Distance], table[DenseMoved, Distance]);
        var (ticket, ticketMoved) = (table[Ticket, Distance], table[TicketMoved, Distance]);
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"distance {dense.Average():0.00} of all weights, {ticket.Average():0.00} of the ticket of "
            + $"{100 * table[Ticket, Left].Average():0} %; with AdvAug {denseMoved.Average():0.00} and {ticketMoved.Average():0.00}");
        if (table[Ticket, Sound].Any(yes => yes < 1)) return (Verdict.DoesNotHold, $"the ticket is not sound; {reason}");
        if (table.Seeds < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        var verdict = ByMargins(
            dense.Zip(ticketMoved, (before, now) => (Better * before) - now),
            denseMoved.Zip(ticketMoved, (before, now) => (Close * before) - now),
            dense.Zip(ticket, (before, now) => before - now));
        return (verdict, reason);
    }
}
