using System.Globalization;
using Sconce.Claims;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>A model that goes on learning beats one that was trained once when the stream changes; one that is told of the change beats
/// both.</summary>
public sealed class RealTimeMlClaim : Claim
{
    private const int Trained = 1500;
    private const double LeastRate = 0.02;
    private const string Static = "trained once", Online = "online", Told = "online, told of changes";
    private const string Abrupt = "accuracy, concepts that alternate", Gradual = "accuracy, a hyperplane that turns";

    /// <inheritdoc/>
    public override string Statement =>
        "On streams that change, a model that learns from each answer beats one that was trained once, and where changes are abrupt, one " +
            "that learns fast again after a detected change beats one whose steps only shrink.";

    /// <inheritdoc/>
    public override string Rule =>
        "Accuracy of answers given before the label is told, after the first 1,500 of 12,000. Holds if online is 0.08 above trained once " +
            "on both streams, and told of changes is 0.02 above online on the abrupt one. That it gains on the gradual one is not claimed.";

    /// <inheritdoc/>
    public override string? KeepsNone => "Its learners change with every row of their stream; none is finished.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rows = new List<ClaimRow>();
        foreach (var (metric, examples) in (
            (string, IReadOnlyList<StreamExample>)[])[(Abrupt, DriftingConcepts.Abrupt(seed)), (Gradual, DriftingConcepts.Gradual(seed))])
        {
            int length = options.Quick ? 2 * Trained : examples.Count;
            foreach (string arm in (string[])[Static, Online, Told])
            {
                cancellation.ThrowIfCancellationRequested();
                rows.Add(new ClaimRow(arm, metric, [Accuracy(arm, examples, length)]) { IsMethod = arm == Told });
            }
        }

        return new SeedResult(rows)
        {
            Configuration =
            [
                ("streams", "four concepts after SEA, 3,000 examples each, 5 % of labels turned; a hyperplane of 10, 4 of which turn"),
                ("learner", "logistic regression, steps of 0.5 / sqrt(1 + 0.05 n); told of changes by ADWIN, with steps of 0.02 at least"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(
        IReadOnlyDictionary<string, List<double>> abrupt, IReadOnlyDictionary<string, List<double>> gradual)
    {
        var verdict = ByMargins(
            abrupt[Online].Zip(abrupt[Static], (online, once) => online - once - 0.08),
            gradual[Online].Zip(gradual[Static], (online, once) => online - once - 0.08),
            abrupt[Told].Zip(abrupt[Online], (told, online) => told - online - 0.02));
        string Means(IReadOnlyDictionary<string, List<double>> figures) =>
            string.Join(", ", figures.Select(arm => string.Create(CultureInfo.InvariantCulture, $"{arm.Key} {arm.Value.Average():0.000}")));
        return (verdict, $"abrupt: {Means(abrupt)}; gradual: {Means(gradual)}");
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table.ByArm(Abrupt), table.ByArm(Gradual));
    }

    private static double Accuracy(string arm, IReadOnlyList<StreamExample> examples, int length)
    {
        var learner = new OnlineLogistic(2, arm == Told ? LeastRate : 0);
        var detector = new Adwin();
        int right = 0;
        for (int k = 0; k < length; k++)
        {
            var (features, label) = examples[k];
            bool isRight = (learner.Predict(features)[1] > 0.5 ? 1 : 0) == label;
            if (k >= Trained && isRight) right++;
            if (arm == Told && detector.Update(isRight ? 0 : 1) == DriftLevel.Drift) learner.BeginAnew();
            if (arm != Static || k < Trained) learner.Learn(features, label);
        }

        return right / (double)(length - Trained);
    }
}
