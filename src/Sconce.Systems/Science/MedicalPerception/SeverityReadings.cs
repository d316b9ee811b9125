namespace Sconce.Systems.Science.MedicalPerception;

/// <summary>How a reader does with one subgroup at one severity.</summary>
/// <param name="Reader">Who.</param>
/// <param name="Group">The subgroup.</param>
/// <param name="Severity">0 is unfiltered.</param>
/// <param name="Count">Pictures of the subgroup that were read.</param>
/// <param name="Confidence">The mean probability of the right class.</param>
/// <param name="Separation">Kolmogorov-Smirnov, the mean over classes; NaN where nothing of another class was read.</param>
/// <param name="Area">Under the ROC curve, the mean over classes.</param>
internal sealed record SeverityFigure(
    string Reader, string Group, int Severity, int Count, double Confidence, double Separation, double Area);

/// <summary>What one reader said of pictures at each severity.</summary>
/// <param name="Reader">Who.</param>
/// <param name="Severities">How many there are.</param>
/// <param name="Scores">A probability a class, where there is a reading.</param>
internal sealed record SeverityReadings(string Reader, int Severities, IReadOnlyDictionary<(int Severity, int Picture), double[]> Scores)
{
    /// <summary>
    /// Subgroup by subgroup and severity by severity: pictures of a subgroup and class against all of other classes, whatever their
    /// subgroup; 2011.14036 «Class separability».
    /// </summary>
    /// <param name="right">Each picture's class.</param>
    /// <param name="groups">Each picture's subgroup.</param>
    public IEnumerable<SeverityFigure> Figures(IReadOnlyList<int> right, IReadOnlyList<string> groups)
    {
        foreach (string group in groups.Distinct().Order(StringComparer.Ordinal).Append("all").Distinct())
        {
            for (int severity = 0; severity < Severities; severity++)
            {
                int at = severity;
                int[] read = [.. Enumerable.Range(0, right.Count).Where(k => Scores.ContainsKey((at, k)))];
                int[] own = [.. read.Where(k => group == "all" || groups[k] == group)];
                if (own.Length == 0) continue;
                double separation = 0, area = 0;
                int compared = 0;
                foreach (var same in own.GroupBy(k => right[k]))
                {
                    double[] positives = [.. same.Select(k => Scores[(at, k)][same.Key])];
                    double[] negatives = [.. read.Where(k => right[k] != same.Key).Select(k => Scores[(at, k)][same.Key])];
                    if (negatives.Length == 0) continue;
                    separation += positives.Length * PerceptionStatistics.Separability(positives, negatives);
                    area += positives.Length * PerceptionStatistics.AreaUnderCurve(positives, negatives);
                    compared += positives.Length;
                }

                yield return new SeverityFigure(
                    Reader, group, severity, own.Length, own.Average(k => Scores[(at, k)][right[k]]),
                    compared > 0 ? separation / compared : double.NaN, compared > 0 ? area / compared : double.NaN);
            }
        }
    }
}
