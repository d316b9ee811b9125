using Sconce.Tables;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>Whose answers are watched: a model's own in a column, or one that is asked about each row and then told.</summary>
internal sealed class WatchedModel
{
    private const double LeastRate = 0.02;

    private readonly string[] classes, truths;
    private readonly TableColumn? answers;
    private readonly StreamFeatures? features;
    private readonly OnlineLogistic? learner;
    private readonly bool adapts;

    /// <summary>Takes a table to be answered.</summary>
    /// <param name="table">With the target.</param>
    /// <param name="classes">The target's, those of before first.</param>
    /// <param name="truths">The target.</param>
    /// <param name="settings">Whose answers.</param>
    /// <param name="before">What an earlier table left; null for a beginner.</param>
    /// <exception cref="TableException">The table lacks a column, or has others than before.</exception>
    public WatchedModel(Table table, string[] classes, string[] truths, MonitorSettings settings, MonitorMemory? before)
    {
        (this.classes, this.truths, adapts) = (classes, truths, settings.Adapt);
        if (settings.Answers is { } own)
        {
            answers = table[own];
            return;
        }

        foreach (string column in settings.Without) _ = table[column];
        TableColumn[] seen = [.. table.Columns.Where(column => column.Name != settings.Target && !settings.Without.Contains(column.Name))];
        if (seen.Length == 0) throw new TableException(table.Name, "beside the target there is no column to answer it from");
        if (before is { Features: { } known, Learner: { } learnt })
        {
            features = new StreamFeatures(known.Match(table, seen));
            features.Recall(known);
            learner = new OnlineLogistic(classes.Length, adapts ? LeastRate : 0);
            learner.Recall(learnt);
            return;
        }

        features = new StreamFeatures(seen);
        learner = new OnlineLogistic(classes.Length, adapts ? LeastRate : 0);
    }

    /// <summary>What the learner knows; null where there is none.</summary>
    public LearnerMemory? Learner => learner?.Remember();

    /// <summary>What its columns are like.</summary>
    public FeatureMemory? Features => features?.Remember();

    /// <summary>The answer to a row, after which a learner is told.</summary>
    /// <param name="row">From 0, one after the other.</param>
    /// <param name="changed">Whether the row before was a change.</param>
    public string Answer(int row, bool changed)
    {
        if (learner is null) return answers!.Text(row) ?? "";
        if (changed && adapts) learner.BeginAnew();
        double[] input = features!.Of(row);
        double[] probabilities = learner.Predict(input);
        learner.Learn(input, Array.IndexOf(classes, truths[row]));
        features.Learn(row);
        return classes[Array.IndexOf(probabilities, probabilities.Max())];
    }
}
