using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Metrics;
using Sconce.Tables;
using Sconce.Weights;

namespace Sconce.Systems.Science.Dmseew;

/// <summary>
/// Both levels: what stations of each kind say of their recordings, and what the events that the centre learnt from say of their shares.
/// </summary>
/// <param name="sensors">A classifier for seismometers and one for GPS stations; null for a kind of which nothing was learnt.</param>
/// <param name="bags">Of the centre's events.</param>
/// <param name="labels">Their classes.</param>
/// <param name="neighbours">k.</param>
internal sealed class EarlyWarning(
    IReadOnlyList<SensorClassifier?> sensors, IReadOnlyList<double[]> bags, IReadOnlyList<int> labels, int neighbours) : ISavedState
{
    private const string Key = "warning";
    private const int Kinds = 2;
    private readonly NearestBags nearest = new(bags, labels, EventRecording.Classes.Count, neighbours);

    /// <summary>The shares of predictions.</summary>
    public static BagOfPredictions Bag { get; } = new(Kinds, EventRecording.Classes.Count);

    /// <summary>Learns the stations' level from some events and the centre's from others.</summary>
    /// <param name="first">For stations.</param>
    /// <param name="second">For the centre; stations have not seen them, else their words are too clean.</param>
    /// <param name="settings">What stations look at, and k.</param>
    /// <param name="seed">Of the regressions.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    public static EarlyWarning Fit(
        IReadOnlyList<EventRecording> first, IReadOnlyList<EventRecording> second, DmseewSettings settings, ulong seed,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var sensors = new SensorClassifier?[Kinds];
        for (int kind = 0; kind < Kinds; kind++)
        {
            string stage = kind == (int)SensorKind.Gps ? "learning GPS stations" : "learning seismometers";
            progress?.Report(new WorkProgress(stage, kind, Kinds));
            var own = first.SelectMany(one => one.Sensors.Where(sensor => (int)sensor.Kind == kind).Select(sensor => (sensor, one.Label)))
                .ToList();
            if (own.Count == 0) continue;
            sensors[kind] = SensorClassifier.Fit(
                [.. own.Select(pair => pair.sensor)], [.. own.Select(pair => pair.Label)], EventRecording.Classes.Count,
                settings.Features, seed, cancellation);
        }

        var stations = new EarlyWarning(sensors, [], [], settings.Neighbours);
        return new EarlyWarning(
            sensors, [.. second.Select(one => stations.Vote(one.Sensors).Bag)], [.. second.Select(one => one.Label)], settings.Neighbours);
    }

    /// <summary>What each station says, and the shares; -1 for a silent one, or of a kind of which nothing was learnt.</summary>
    public (int[] Votes, double[] Bag) Vote(IReadOnlyList<SensorWindow?> windows)
    {
        int[] votes = [.. windows.Select(window => window is null ? -1 : sensors[(int)window.Kind]?.Classify(window) ?? -1)];
        return (votes, Bag.Of(votes, [.. windows.Select(window => (int)(window?.Kind ?? 0))]));
    }

    /// <summary>The class of shares.</summary>
    public int Classify(double[] bag) => nearest.Classify(bag);

    /// <summary>The confusion of events, by any way of deciding.</summary>
    /// <param name="events">To be asked about.</param>
    /// <param name="decide">The class by votes and shares.</param>
    /// <param name="live">Which stations of an event are live; null for all.</param>
    public ConfusionMatrix Judge(
        IReadOnlyList<EventRecording> events, Func<int[], double[], int> decide, Func<int, int, bool>? live = null)
    {
        var confusion = new ConfusionMatrix(EventRecording.Classes.Count);
        foreach (var (k, one) in events.Index())
        {
            var (votes, bag) = Vote([.. one.Sensors.Select((sensor, place) => live?.Invoke(k, place) == false ? null : sensor)]);
            confusion.Add([decide(votes, bag)], [one.Label]);
        }

        return confusion;
    }

    /// <summary>The centre with one kind of station alone, learnt from the same events.</summary>
    public Func<int[], double[], int> Alone(SensorKind kind)
    {
        double[] Own(double[] bag) => [.. bag.Select((share, k) => k / EventRecording.Classes.Count == (int)kind ? share : 0)];
        var own = new NearestBags([.. bags.Select(Own)], labels, EventRecording.Classes.Count, neighbours);
        return (_, bag) => own.Classify(Own(bag));
    }

    /// <inheritdoc/>
    public void Save(SavedState state)
    {
        var content = new EarlyWarningContent(
            [.. sensors.Select(sensor => sensor is null ? null : SensorContent.Of(sensor))], [.. bags], [.. labels], neighbours);
        state.Set(Key, (ReadOnlySpan<byte>)JsonSerializer.SerializeToUtf8Bytes(content, EarlyWarningJson.Default.EarlyWarningContent));
    }

    /// <inheritdoc/>
    public void Load(SavedState state) => throw new NotSupportedException("what is fitted at once is not gone on with");

    /// <summary>What a run left.</summary>
    /// <exception cref="TableException">It is damaged, or of another method.</exception>
    public static EarlyWarning Read(string path)
    {
        using var checkpoint = Checkpoint.Open(path, new CheckpointOptions { Wrapper = null, StripPrefix = "" });
        byte[] bytes = (checkpoint.Root as CheckpointDictionary)?["model"] is CheckpointDictionary model
            && model[Key] is CheckpointTensor tensor ? tensor.ToArray<byte>()
            : throw new TableException(path, "it holds no early warning: it is of another method");
        try
        {
            var content = JsonSerializer.Deserialize(bytes, EarlyWarningJson.Default.EarlyWarningContent)!;
            bool isGood = content.Sensors.Length == Kinds && content.Bags.Length == content.Labels.Length && content.Neighbours > 0
                && content.Bags.All(bag => bag.Length == Bag.Length)
                && content.Labels.All(label => label >= 0 && label < EventRecording.Classes.Count);
            return isGood
                ? new EarlyWarning([.. content.Sensors.Select(one => one?.Make())], content.Bags, content.Labels, content.Neighbours)
                : throw new TableException(path, "its early warning is damaged");
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException or NullReferenceException)
        {
            throw new TableException(path, $"its early warning is damaged: {fault.Message}", fault);
        }
    }
}

/// <summary>What the file holds.</summary>
internal sealed record EarlyWarningContent(SensorContent?[] Sensors, double[][] Bags, int[] Labels, int Neighbours);

/// <summary>Of one kind of station.</summary>
internal sealed record SensorContent(
    double[][]?[]? Cuts, long[] Words, bool Amplitudes, double[] Means, double[] Deviations, double[][] Weights)
{
    public static SensorContent Of(SensorClassifier sensor) => new(
        sensor.Words?.Cuts, [.. sensor.Words?.Features ?? []], sensor.Amplitudes, sensor.Means, sensor.Deviations, sensor.Weights);

    public SensorClassifier Make()
    {
        bool isGood = Weights.Length == EventRecording.Classes.Count && Means.Length == Deviations.Length
            && Weights.All(own => own.Length == Means.Length + 1);
        return isGood ? new SensorClassifier(Cuts is null ? null : WordBag.Of(Cuts, Words), Amplitudes, Means, Deviations, Weights)
            : throw new ArgumentException("a station's weights do not fit its features");
    }
}

/// <summary>Reading and writing without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(EarlyWarningContent))]
internal sealed partial class EarlyWarningJson : JsonSerializerContext;
