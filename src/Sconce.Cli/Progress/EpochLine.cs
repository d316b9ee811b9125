using Sconce.Reports;
using Sconce.Training;

namespace Sconce.Cli.Progress;

/// <summary>An epoch that has just ended, in a line.</summary>
internal static class EpochLine
{
    /// <summary>
    /// Such as <c>epoch 3: accuracy 0.91, training loss 0.31, f1 0.9, loss 0.34</c>: the watched figure first, and no more than fit.
    /// </summary>
    public static string Of(Evaluation evaluation, string watched, int width)
    {
        var figures = evaluation.Figures.OrderBy(figure => figure.Key == watched ? 0 : 1).Select(figure => (Name: figure.Key, figure.Value))
            .ToList();
        figures.Insert(Math.Min(1, figures.Count), ("training loss", evaluation.TrainLoss));
        string line = $"epoch {evaluation.Epoch}:";
        foreach (var (name, value) in figures)
        {
            string next = $"{line}{(line[^1] == ':' ? "" : ",")} {name} {ClaimFigures.Number(value)}";
            if (next.Length > width) break;
            line = next;
        }

        return line;
    }
}
