using System.Globalization;
using Sconce.Claims;
using Sconce.Metrics;
using Sconce.Training;

namespace Sconce.Systems.Science.Dmseew;

/// <summary>Seismometers that saturate and GPS that is noisy, together and alone, on made events.</summary>
public sealed class DmseewClaim : Claim
{
    private const int OfClass = 50, QuickOfClass = 10;
    private const string Both = "DMSEEW", Seismic = "seismometers alone", Gps = "GPS alone", Strength = "relative strength";
    private const string Most = "majority of all stations", Lost = "DMSEEW, half of the stations lost";
    private const string Macro = "macro F1", Large = "F1 large";

    /// <inheritdoc/>
    public override string Statement =>
        "Votes of both kinds of station, combined at a centre that learnt what they mean, tell normal activity, medium and large " +
            "earthquakes better than either kind alone.";

    /// <inheritdoc/>
    public override string Rule =>
        "On 150 made events, 50 of a class; as many for the stations, and as many for the centre. Holds if the mean " +
        "macro F1 is 0.05 above " +
            "that of either kind alone, and no less than that of the rule of relative strength.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int ofClass = options.Quick ? QuickOfClass : OfClass;
        var random = new Random(seed);
        var waves = new EventWaves();
        var (stations, centre, asked) = (Draw(), Draw(), Draw());
        var settings = new DmseewSettings { Features = SensorFeatures.Amplitudes };
        var model = EarlyWarning.Fit(stations, centre, settings, (ulong)seed, progress, cancellation);
        var lost = asked.Select(one => one.Sensors.Select(_ => random.NextDouble() < 0.5).ToArray()).ToArray();
        (string Name, ConfusionMatrix Confusion)[] arms =
        [
            (Both, model.Judge(asked, (_, bag) => model.Classify(bag))),
            (Seismic, model.Judge(asked, model.Alone(SensorKind.Seismometer))),
            (Gps, model.Judge(asked, model.Alone(SensorKind.Gps))),
            (Strength, model.Judge(asked, (_, bag) => EarlyWarning.Bag.RelativeStrength(bag))),
            (Most, model.Judge(asked, (votes, _) => EarlyWarning.Bag.Majority(votes))),
            (Lost, model.Judge(asked, (_, bag) => model.Classify(bag), (k, place) => !lost[k][place])),
        ];
        return new SeedResult(
        [
            .. arms.Select(arm => new ClaimRow(arm.Name, Macro, [arm.Confusion.MacroF1]) { IsMethod = arm.Name == Both }),
            .. arms.Select(arm => new ClaimRow(arm.Name, Large, [arm.Confusion.F1(2)]) { IsMethod = arm.Name == Both }),
        ])
        {
            Network = ClaimNetwork.OfRun(new RunConfiguration("dmseew", new DmseewMethod().Name, settings), new DmseewMethod(), model),
            Configuration =
            [
                ("events", $"{3 * ofClass} for stations, for the centre and to be asked about; 10 seismometers and 10 GPS stations each"),
                ("stations", "spectrum, peak, difference and displacement, standardised; multinomial logistic regression"),
                ("centre", $"the {settings.Neighbours} nearest of the shares of votes by kind"),
            ],
        };

        IReadOnlyList<EventRecording> Draw() => SimulatedEvents.Draw(ofClass, random, 1, waves);
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyDictionary<string, List<double>> figures)
    {
        double own = figures[Both].Average(), seismic = figures[Seismic].Average(), gps = figures[Gps].Average();
        double strength = figures[Strength].Average();
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"macro F1 {own:0.000}, {seismic:0.000} and {gps:0.000} of one kind alone, {strength:0.000} by the rule");
        if (figures[Both].Count < 3) return (Verdict.Undecided, $"3 seeds are asked for: {reason}");
        bool holds = own >= seismic + 0.05 && own >= gps + 0.05 && own >= strength;
        return (holds ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table.ByArm(Macro));
    }
}
