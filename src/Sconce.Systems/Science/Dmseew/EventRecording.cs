using Sconce.Data;
using Sconce.Tables;

namespace Sconce.Systems.Science.Dmseew;

/// <summary>A station's even samples of an event.</summary>
/// <param name="Kind">What it has.</param>
/// <param name="Components">East, north, up; empty for one that is missing.</param>
internal sealed record SensorWindow(SensorKind Kind, double[][] Components);

/// <summary>What all stations recorded of an event.</summary>
/// <param name="Name">Its file.</param>
/// <param name="Label">Its class.</param>
/// <param name="Sensors">Those that were live.</param>
internal sealed record EventRecording(string Name, int Label, IReadOnlyList<SensorWindow> Sensors)
{
    /// <summary>The classes, the least first: only the last two raise alarms.</summary>
    public static IReadOnlyList<string> Classes { get; } = ["normal", "medium", "large"];

    /// <summary>The events of a folder: a subfolder a class, a CSV file an event, which begins where its recordings do.</summary>
    /// <param name="folder">With normal, medium and large in it.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="samples">Of a window.</param>
    /// <param name="remark">Told what a person should know.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="TableException">A file cannot be read.</exception>
    /// <exception cref="DataException">A class is missing.</exception>
    public static IReadOnlyList<EventRecording> ReadFolder(
        string folder, double rate, int samples, Action<string>? remark, CancellationToken cancellation)
    {
        var events = new List<EventRecording>();
        for (int label = 0; label < Classes.Count; label++)
        {
            string own = Path.Combine(folder, Classes[label]);
            string[] files = Directory.Exists(own) ? [.. Directory.EnumerateFiles(own, "*.csv").Order(StringComparer.Ordinal)] : [];
            if (files.Length < 3)
            {
                throw new DataException(
                    folder,
                    $"{files.Length} events in {Classes[label]}/: three of each class are needed, " +
                    $"in the folders {string.Join(", ", Classes)}");
            }

            foreach (string file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                events.Add(Read(file, label, rate, samples, remark));
            }
        }

        return events;
    }

    /// <summary>One event: a window from where most stations begin; a station whose clock is off begins by its own.</summary>
    public static EventRecording Read(string file, int label, double rate, int samples, Action<string>? remark)
    {
        var tracks = new OrderedDictionary<string, StationTrack>();
        foreach (var reading in SensorReadings.ReadFile(file))
        {
            if (!tracks.TryGetValue(reading.Station, out var track)) tracks.Add(reading.Station, track = new StationTrack(reading.Kind));
            if (track.Kind != reading.Kind)
                throw new TableException(file, $"the station '{reading.Station}' is of two kinds: give each of its sensors a name");
            track.Add(reading.Time, reading.Components);
        }

        if (tracks.Count == 0) throw new TableException(file, "no station shows anything");
        double start = Middle(tracks.Values.Select(track => track.First));
        var sensors = new List<SensorWindow>();
        foreach (var (name, track) in tracks)
        {
            bool isOff = Math.Abs(track.First - start) > samples / rate;
            if (isOff) remark?.Invoke($"{file}: the clock of '{name}' is {track.First - start:0} s off; its own beginning is taken");
            if (track.Ignored > 0)
                remark?.Invoke($"{file}: {track.Ignored} readings of '{name}' are repeated or out of order, and left out");
            if (track.Window(isOff ? track.First : start, rate, samples) is { } window) sensors.Add(new SensorWindow(track.Kind, window));
            else remark?.Invoke($"{file}: '{name}' misses too much of the {samples / rate:0.#} s from the beginning, and is silent");
        }

        return new EventRecording(file, label, sensors);
    }

    /// <summary>The lower middle.</summary>
    public static double Middle(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(sorted.Length - 1) / 2];
    }
}

/// <summary>Events that are made, so that the system runs without data: ten stations of each kind on 100 km x 100 km.</summary>
internal static class SimulatedEvents
{
    private const int StationsOfKind = 10;
    private const double Side = 100, Depth = 8, SeismicNoise = 0.05, GpsNoise = 0.1;
    private static readonly (double Least, double Most)[] Magnitudes = [(2.5, 4.8), (5.0, 6.8), (7.0, 8.2)];

    /// <summary>Draws events, as many of each class.</summary>
    /// <param name="ofClass">Of each class.</param>
    /// <param name="random">Draws.</param>
    /// <param name="components">1, or 3 that share the motion by a direction.</param>
    /// <param name="waves">How recordings are made.</param>
    public static IReadOnlyList<EventRecording> Draw(int ofClass, Random random, int components, EventWaves waves)
    {
        var events = new List<EventRecording>();
        for (int k = 0; k < ofClass * Magnitudes.Length; k++)
        {
            int label = k % Magnitudes.Length;
            double magnitude = Uniform(random, Magnitudes[label].Least, Magnitudes[label].Most);
            double x = Uniform(random, 0, Side), y = Uniform(random, 0, Side);
            var sensors = Enumerable.Range(0, 2 * StationsOfKind).Select(station => Station(
                station < StationsOfKind ? SensorKind.Seismometer : SensorKind.Gps, magnitude, x, y, components, waves, random));
            events.Add(new EventRecording($"made {k}", label, [.. sensors]));
        }

        return events;
    }

    private static SensorWindow Station(
        SensorKind kind, double magnitude, double x, double y, int components, EventWaves waves, Random random)
    {
        double distance = Math.Sqrt(Square(x - Uniform(random, 0, Side)) + Square(y - Uniform(random, 0, Side))) + Depth;
        double phaseP = Uniform(random, 0, 2 * Math.PI), phaseS = Uniform(random, 0, 2 * Math.PI);
        var (motion, stays) = waves.At(new Shaking(magnitude, distance, phaseP, phaseS, Normal(random), Normal(random)));
        double sign = random.Next(2) == 0 ? -1 : 1;
        double[] directions = components == 1 ? [1] : [Normal(random), Normal(random), Normal(random)];
        double length = Math.Sqrt(directions.Sum(Square));
        double[][] recorded = [.. directions.Select(direction =>
        {
            double share = direction / length;
            double[] moved = [.. motion.Select(value => share * value)];
            return kind == SensorKind.Seismometer
                ? waves.Seismometer(moved, () => SeismicNoise * Normal(random))
                : EventWaves.Gps(moved, [.. stays.Select(value => share * sign * value)], () => GpsNoise * Normal(random));
        })];
        return new SensorWindow(kind, [.. recorded, .. Enumerable.Repeat<double[]>([], SensorReadings.Components - components)]);
    }

    private static double Square(double value) => value * value;

    private static double Uniform(Random random, double least, double most) => least + ((most - least) * random.NextDouble());

    /// <summary>Box and Muller's.</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
