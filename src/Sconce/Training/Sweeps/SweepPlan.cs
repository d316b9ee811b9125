using System.Globalization;

namespace Sconce.Training;

/// <summary>One point of a sweep: a setting of everything that it goes over.</summary>
/// <param name="Values">By setting, as they would be typed; those listed one by one first.</param>
/// <param name="Group">The values listed one by one alone, for which everything else is tuned anew.</param>
public sealed record SweepPoint(IReadOnlyList<(string Name, string Value)> Values, string Group)
{
    /// <summary>
    /// The name of its run's folder with one seed, the same whenever the sweep is typed again: <c>batch-8,lr-0.0131,seed-0</c>.
    /// </summary>
    public string Folder(ulong seed) => string.Join(
        ',', Values.Append(("seed", seed.ToString(CultureInfo.InvariantCulture)))
            .Select(value => $"{Setting.KebabOf(value.Item1)}-{Plain(value.Item2)}"));

    private static string Plain(string value) =>
        string.Concat(value.Select(letter => char.IsLetterOrDigit(letter) || letter is '.' or '_' ? letter : '_'));

    /// <summary>As a person reads it: <c>batch 8, lr 0.0131</c>.</summary>
    public override string ToString() => string.Join(", ", Values.Select(value => $"{Setting.KebabOf(value.Name)} {value.Value}"));
}

/// <summary>
/// Which runs a sweep is made of: every combination of the values that are listed, and for each of them so many trials that draw the rest
/// from its ranges. The draws are Halton's, so that a sweep of more trials holds those of fewer, and every combination is tuned by the same
/// points; 1811.03600 §4 draws quasi-randomly too.
/// </summary>
public static class SweepPlan
{
    private static readonly int[] Bases = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];

    /// <summary>Lays a sweep out.</summary>
    /// <param name="start">The configuration that every run has but for the points' values.</param>
    /// <param name="method">Its method, which reads the values.</param>
    /// <param name="axes">What it goes over.</param>
    /// <param name="trials">Draws for each combination; not asked where there is no range.</param>
    /// <exception cref="UsageException">There is no such setting, or a value means nothing or is out of range.</exception>
    public static IReadOnlyList<SweepPoint> Of(RunConfiguration start, TrainingMethod method, IReadOnlyList<SweepAxis> axes, int trials)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(method);
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        var named = axes.Select(axis => axis with { Name = NameOf(method, axis.Name) }).ToList();
        if (named.GroupBy(axis => axis.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new UsageException($"the sweep goes over {twice.Key} twice: name each setting once");
        var listed = named.Where(axis => !axis.IsRange).ToList();
        var ranges = named.Where(axis => axis.IsRange).ToList();
        if (ranges.Count > Bases.Length) throw new UsageException($"a sweep draws from {Bases.Length} ranges at most, not {ranges.Count}");
        List<SweepPoint> points = [];
        foreach (var combination in Combinations(listed))
        {
            string group = new SweepPoint(combination, "").ToString();
            for (int trial = 1; trial <= (ranges.Count == 0 ? 1 : trials); trial++)
            {
                int number = trial;
                points.Add(new SweepPoint([.. combination, .. ranges.Select((range, k) => Drawn(range, Halton(number, Bases[k])))], group));
            }
        }

        return points;

        (string, string) Drawn(SweepAxis range, double share)
        {
            string exact = range.At(share).ToString("G3", CultureInfo.InvariantCulture);
            string whole = Math.Round(range.At(share)).ToString(CultureInfo.InvariantCulture);
            return (range.Name, IsRead(range.Name, exact) || !IsRead(range.Name, whole) ? Verified(range.Name, exact) : whole);
        }

        bool IsRead(string name, string value)
        {
            try
            {
                Verified(name, value);
                return true;
            }
            catch (SettingsException)
            {
                return false;   // a setting that takes whole numbers alone
            }
        }

        string Verified(string name, string value)
        {
            method.Settings.Read(start.Settings, [KeyValuePair.Create(name, value)]);
            return value;
        }

        IEnumerable<IReadOnlyList<(string Name, string Value)>> Combinations(IReadOnlyList<SweepAxis> of)
        {
            IEnumerable<IReadOnlyList<(string Name, string Value)>> all = [[]];
            foreach (var axis in of)
            {
                string[] values = [.. axis.Values.Select(value => Verified(axis.Name, value))];
                all = [.. all.SelectMany(before => values.Select(value =>
                    (IReadOnlyList<(string, string)>)[.. before, (axis.Name, value)]))];
            }

            return all;
        }
    }

    /// <summary>The n-th number of Halton's sequence in a base, in (0, 1): n's digits mirrored at the point.</summary>
    internal static double Halton(int number, int radix)
    {
        double value = 0, weight = 1;
        for (int rest = number; rest > 0; rest /= radix)
        {
            weight /= radix;
            value += rest % radix * weight;
        }

        return value;
    }

    private static string NameOf(TrainingMethod method, string typed)
    {
        var found = method.Settings.Schema.All.FirstOrDefault(setting => setting.Name == typed || setting.Option == $"--{typed}");
        if (found is { Name: "seed" }) throw new UsageException("seeds are not gone over but repeated: say how many");
        if (found is not null) return found.Name;
        string near = NearestNames.Suggest(typed, method.Settings.Schema.All.Select(setting => Setting.KebabOf(setting.Name)));
        throw new UsageException($"the method {method.Name} has no setting '{typed}'. {near}".TrimEnd());
    }
}
