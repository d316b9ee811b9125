using System.Globalization;
using Sconce.Cli.Progress;
using Sconce.Reports;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>What is told of a run that has ended.</summary>
/// <param name="context">Where it is told.</param>
/// <param name="device">Where the network is asked; null for the best there is.</param>
internal sealed class TrainingReport(CommandContext context, Device? device)
{
    /// <summary>The page of the run, with a last look at its best weights where that says more than the epochs did.</summary>
    public void Write(TrainingRun run, string path, CancellationToken cancellation)
    {
        var overview = RunOverview.Read(path, context.Methods);
        EvaluationReport? evaluation = null;
        if (overview.Method.HasDetail && overview.Progress?.Best is not null)
        {
            using var progress = new ProgressDisplay(context.Terminal, $"{path}: report");
            var (network, method) = TrainedNetworks.Find(context, path, null, null);
            evaluation = method.Evaluate(network with { Device = device }, null, run.Configuration.Run.Batch, progress, cancellation);
        }

        context.Terminal.Note(RunReport.Write(path, overview, evaluation));
    }

    /// <summary>The last evaluations and the best, on the terminal.</summary>
    public void Show(TrainingResult result, string path, string watched)
    {
        string[] figures = [.. result.Progress.History.SelectMany(evaluation => evaluation.Figures.Keys).Distinct()
            .OrderBy(name => name == watched ? 0 : 1)];
        FittingTable.Write(
            context.Terminal, [">epoch", ">training loss", .. figures.Select(name => ">" + name)],
            [.. result.Progress.History.TakeLast(10).Select(evaluation => (IReadOnlyList<string>)
            [
                evaluation.Epoch.ToString(CultureInfo.InvariantCulture), ClaimFigures.Number(evaluation.TrainLoss),
                .. figures.Select(name => ClaimFigures.Number(evaluation.Figures.GetValueOrDefault(name, double.NaN))),
            ])], kept: 3);
        if (result.Best is not { } best) return;
        string early = result.StoppedEarly ? "; nothing became better, so it ended early" : "";
        context.Terminal.Write(Columns.Line(
            string.Create(CultureInfo.InvariantCulture, $"best {watched} {ClaimFigures.Number(best.Figures[watched])} after epoch "
                + $"{best.Epoch}: {Path.Combine(path, "best.ckpt")} ({ClaimFigures.Words(TimeSpan.FromSeconds(result.Progress.Seconds))} "
                + $"of steps{early})")));
    }
}
