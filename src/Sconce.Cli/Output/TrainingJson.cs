using Sconce.Training;

namespace Sconce.Cli.Output;

/// <summary>How a run ended, in <c>train --json</c>.</summary>
internal sealed record TrainingJson(string Out, int Epochs, long Steps, double Seconds, bool StoppedEarly, EvaluationJson? Best,
    IReadOnlyList<EvaluationJson> History)
{
    public static TrainingJson Of(string folder, TrainingResult result) =>
        new(folder, result.Progress.Epoch, result.Progress.Step, result.Progress.Seconds, result.StoppedEarly, result.Best is { } best
            ? EvaluationJson.Of(best) : null, [.. result.Progress.History.Select(EvaluationJson.Of)]);
}

/// <summary>One evaluation; a figure that is no number is null.</summary>
internal sealed record EvaluationJson(int Epoch, long Step, double? TrainLoss, IReadOnlyDictionary<string, double?> Figures)
{
    public static EvaluationJson Of(Evaluation evaluation) =>
        new(evaluation.Epoch, evaluation.Step, Finite(evaluation.TrainLoss), FiguresOf(evaluation.Figures));

    public static IReadOnlyDictionary<string, double?> FiguresOf(IReadOnlyDictionary<string, double> figures) =>
        figures.ToDictionary(figure => figure.Key, figure => Finite(figure.Value));

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
