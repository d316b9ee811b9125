using Sconce.Abilities;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Science.Dmseew;

/// <summary>Tells earthquakes by many stations.</summary>
public sealed record EarthquakeWarning : Capability;

/// <summary>How stations and centre learn.</summary>
[Settings]
public sealed partial record DmseewSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 1, Validation = 0.3 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new();

    /// <summary>What a station looks at in its recording.</summary>
    public SensorFeatures Features { get; init; } = SensorFeatures.Both;

    /// <summary>Samples a second that recordings are brought to.</summary>
    [Within(1, 1000)]
    public double Rate { get; init; } = 8;

    /// <summary>Seconds of an event that are looked at.</summary>
    [Within(1, 600)]
    public double Window { get; init; } = 15;

    /// <summary>k: events that the centre asks.</summary>
    [Within(1, 1000)]
    public int Neighbours { get; init; } = 5;

    /// <summary>Events of each class that are made where no data are named.</summary>
    [Within(3, 100_000)]
    public int Made { get; init; } = 60;

    internal int Samples => (int)Math.Round(Rate * Window);

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}

/// <summary>Stations and centre learn from recorded events, or from made ones.</summary>
public sealed class DmseewMethod : TrainingMethod
{
    internal const string MacroF1 = "macro F1", Large = "F1 large", Medium = "F1 medium", Normal = "F1 normal";
    private const string FalseAlarms = "false alarms", Missed = "missed";

    /// <inheritdoc/>
    public override string Name => "dmseew";

    /// <inheritdoc/>
    public override string Purpose =>
        "stations learn to classify recordings (a folder with normal, medium and large, a CSV an event), a centre what their votes mean; " +
        "without data from made events";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<DmseewSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("dmseew --data events/ --out run17", "columns time, station, kind, e, n, u; a CSV an event"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<EarthquakeWarning>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Warn;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup)
    {
        var configuration = ProcessorRuns.Begun(ProcessorRuns.Settle(setup, this, [MacroF1, Large, Medium, Normal]));
        return new DmseewRun(configuration, DmseewData.Open(configuration, setup.Remark, setup.Cancellation));
    }

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var configuration = network.Configuration
            ?? throw new UsageException($"{network.Variant.Name} knows no earthquakes before it has learnt: name the folder of a run");
        var settings = configuration.Of<DmseewSettings>();
        bool isOwn = data is null || network.IsOwn(data);
        var events = isOwn
            ? DmseewData.Open(configuration, null, cancellation).HeldOut
            : EventRecording.ReadFolder(data!, settings.Rate, settings.Samples, null, cancellation);
        var model = EarlyWarning.Read(network.Weights);
        var random = new Random(1);
        var lost = events.Select(one => one.Sensors.Select(_ => random.NextDouble() < 0.5).ToArray()).ToArray();
        int classes = EventRecording.Classes.Count;
        (string Name, ConfusionMatrix Confusion)[] arms =
        [
            ("all stations", model.Judge(events, (_, bag) => model.Classify(bag))),
            ("half of them lost", model.Judge(events, (_, bag) => model.Classify(bag), (k, place) => !lost[k][place])),
            ("seismometers alone", model.Judge(events, model.Alone(SensorKind.Seismometer))),
            ("GPS alone", model.Judge(events, model.Alone(SensorKind.Gps))),
            ("majority of all", model.Judge(events, (votes, _) => EarlyWarning.Bag.Majority(votes))),
            ("relative strength", model.Judge(events, (_, bag) => EarlyWarning.Bag.RelativeStrength(bag))),
        ];
        string made = $"{settings.Made * classes} made events";
        return new EvaluationReport(
            data ?? (configuration.Data.Length > 0 ? configuration.Data : made), events.Count, Figures(arms[0].Confusion))
        {
            Items = "events",
            Columns = [MacroF1, .. EventRecording.Classes.Select(name => $"F1 {name}"), FalseAlarms, Missed],
            Rows =
            [
                .. arms.Select(arm => (arm.Name, (IReadOnlyList<double>)
                [
                    arm.Confusion.MacroF1, .. Enumerable.Range(0, classes).Select(arm.Confusion.F1), FalseShare(arm.Confusion),
                    MissedShare(arm.Confusion),
                ])),
            ],
        };
    }

    /// <summary>The share of events without an earthquake of note that raise an alarm; NaN where there are none.</summary>
    internal static double FalseShare(ConfusionMatrix confusion) =>
        (double)(confusion.Labelled(0) - confusion[0, 0]) / confusion.Labelled(0);

    /// <summary>The share of all others that raise none.</summary>
    internal static double MissedShare(ConfusionMatrix confusion) =>
        (double)(confusion.Answered(0) - confusion[0, 0]) / (confusion.Total - confusion.Labelled(0));

    internal static FigureSet Figures(ConfusionMatrix confusion) => new()
    {
        { MacroF1, confusion.MacroF1 }, { Large, confusion.F1(2) }, { Medium, confusion.F1(1) }, { Normal, confusion.F1(0) },
    };
}

/// <summary>Events in three parts, class by class: for stations, for the centre, to be asked about.</summary>
internal sealed record DmseewData(
    IReadOnlyList<EventRecording> Stations, IReadOnlyList<EventRecording> Centre, IReadOnlyList<EventRecording> HeldOut)
{
    /// <summary>Reads or makes them, and divides them by the run's seed.</summary>
    public static DmseewData Open(RunConfiguration configuration, Action<string>? remark, CancellationToken cancellation)
    {
        var settings = configuration.Of<DmseewSettings>();
        var events = configuration.Data.Length > 0
            ? EventRecording.ReadFolder(configuration.Data, settings.Rate, settings.Samples, remark, cancellation)
            : SimulatedEvents.Draw(
                settings.Made, new Random(unchecked((int)configuration.Run.Seed)), SensorReadings.Components,
                new EventWaves(settings.Rate, settings.Samples));
        List<EventRecording> stations = [], centre = [], heldOut = [];
        int[] order = AugmentationRandom.Permutation(events.Count, configuration.Run.Seed, 0);
        foreach (var group in order.Select(k => events[k]).GroupBy(one => one.Label))
        {
            EventRecording[] own = [.. group];
            int held = Math.Clamp((int)Math.Round(configuration.Run.Validation * own.Length), 1, own.Length - 2);
            int half = held + ((own.Length - held) / 2);
            heldOut.AddRange(own[..held]);
            centre.AddRange(own[held..half]);
            stations.AddRange(own[half..]);
        }

        return new DmseewData(stations, centre, heldOut);
    }
}

/// <summary>A run of <see cref="DmseewMethod"/>.</summary>
internal sealed class DmseewRun(RunConfiguration configuration, DmseewData data) : FittedRun(configuration)
{
    /// <inheritdoc/>
    public override string Summary =>
        $"dmseew, {data.Stations.Count:N0} events for stations, {data.Centre.Count:N0} for the centre and {data.HeldOut.Count:N0} to be " +
        $"asked about, {data.Stations.Sum(one => one.Sensors.Count):N0} recordings";

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        int silent = data.Stations.Count(one => one.Sensors.Count == 0);
        return [new SanityFinding("events", silent == 0, $"{silent} events have no live station")];
    }

    /// <inheritdoc/>
    protected override FittedLearner Fit(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var model = EarlyWarning.Fit(
            data.Stations, data.Centre, Configuration.Of<DmseewSettings>(), Configuration.Run.Seed, progress, cancellation);
        var figures = DmseewMethod.Figures(model.Judge(data.HeldOut, (_, bag) => model.Classify(bag)));
        return new FittedLearner(model, figures, data.Stations.Count + data.Centre.Count);
    }
}
