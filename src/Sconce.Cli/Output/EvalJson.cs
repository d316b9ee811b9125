using Sconce.Metrics;
using Sconce.Training;

namespace Sconce.Cli.Output;

/// <summary>What an evaluation of a checkpoint gave, in <c>eval --json</c>: all that is written for people, and nothing left out.</summary>
internal sealed record EvalJson(
    string Network, string Weights, string Data, long Pictures, IReadOnlyDictionary<string, double?> Figures,
        IReadOnlyList<RowJson> Classes, ClassifierJson? Classifier)
{
    public static EvalJson Of(string network, string weights, EvaluationReport report) => new(
        network, weights, report.Data, report.Count, EvaluationJson.FiguresOf(report.Figures),
        [.. report.Rows.Select(row => new RowJson(row.Name, report.Columns.Zip(row.Values)
            .ToDictionary(pair => pair.First, pair => Finite(pair.Second))))],
        report.Classifier is { } detail ? ClassifierJson.Of(detail) : null);

    internal static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>A class's figures.</summary>
internal sealed record RowJson(string Name, IReadOnlyDictionary<string, double?> Figures);

/// <summary>A classifier's confusion matrix (a row a true class), calibration, thresholds and mistakes.</summary>
internal sealed record ClassifierJson(
    IReadOnlyList<string> Names, IReadOnlyList<IReadOnlyList<long>> Confusion, double? ExpectedCalibrationError,
        double? MaximumCalibrationError,
    IReadOnlyList<BinJson> Calibration, IReadOnlyList<ConfidenceJson> Confidences, IReadOnlyList<ThresholdJson> Thresholds,
        ThresholdJson? BestThreshold,
    IReadOnlyList<MistakeJson> Mistakes)
{
    public static ClassifierJson Of(ClassifierDetail detail) => new(
        detail.Classes,
        [.. Enumerable.Range(0, detail.Classes.Count).Select(label => (IReadOnlyList<long>)
            [.. Enumerable.Range(0, detail.Classes.Count).Select(answer => detail.Confusion[label, answer])])],
        EvalJson.Finite(detail.Calibration.ExpectedError), EvalJson.Finite(detail.Calibration.MaximumError),
        [.. detail.Calibration.Bins.Select(bin => new BinJson(bin.From, bin.To, bin.Count, EvalJson.Finite(bin.Confidence),
            EvalJson.Finite(bin.Accuracy)))],
        [.. detail.Confidences.Select(row => new ConfidenceJson(row.Threshold, row.Answered, EvalJson.Finite(row.Accuracy)))],
        [.. detail.Thresholds.Select(ThresholdJson.Of)], detail.Best is { } best ? ThresholdJson.Of(best) : null,
        [.. detail.Mistakes.Select(mistake => new MistakeJson(mistake.Name, mistake.Label, mistake.Answer, mistake.Confidence))]);
}

/// <summary>Answers of about one confidence.</summary>
internal sealed record BinJson(double From, double To, int Count, double? Confidence, double? Accuracy);

/// <summary>What is answered above a confidence.</summary>
internal sealed record ConfidenceJson(double Threshold, double Answered, double? Accuracy);

/// <summary>The second of two classes above a threshold.</summary>
internal sealed record ThresholdJson(double Threshold, double? Precision, double? Recall, double? FalsePositiveRate, double F1)
{
    public static ThresholdJson Of(BinaryThreshold row) =>
        new(row.Threshold, EvalJson.Finite(row.Precision), EvalJson.Finite(row.Recall), EvalJson.Finite(row.FalsePositiveRate), row.F1);
}

/// <summary>A picture that was taken for something else.</summary>
internal sealed record MistakeJson(string Picture, string Label, string Answer, double Confidence);
