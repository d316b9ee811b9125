using System.CommandLine;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Reports;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce eval NAME|RUN</c>: how right a checkpoint is on labelled pictures.</summary>
internal static class EvalCommand
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("network") { Description = "A network of the catalogue that is trained with labels, or a run's folder" };
        name.CompletionSources.Add(_ => context.Models.List());
        var weights = new Option<string?>("--weights") { Description = "The checkpoint (a run's best)", HelpName = "FILE" };
        var data = new Option<string?>("--data") { Description = "A folder with a subfolder a class, CIFAR's binary files, or for detectors COCO's layout or VOC's; of several parts the one to be asked about (a run's own pictures)", HelpName = "FOLDER" };
        var size = Shared.Number("--size", "The side of the pictures in pixels (the network's own)", 8);
        var batch = Shared.Number("--batch", "Pictures a batch (64)", 1);
        var json = Shared.Json();
        var command = new TeachingCommand("eval", "Ask a network about labelled pictures: accuracy, top 5, AUROC of two classes, F1, loss, and each class on its own. Detectors: COCO's average precision, and panoptic quality. What learned without labels is asked by a linear probe on its features.")
        {
            Examples =
            [
                ("sconce eval resnet20 --weights resnet20-12fca82f.th --data cifar-10-batches-bin", "a published checkpoint"),
                ("sconce eval run1", "a run's best weights on the pictures it held out"),
                ("sconce eval run1 --data more-photos/", "on others"),
                ("sconce eval detr_resnet50 --weights detr-r50-e632da11.pth --data coco/", "a detector, on COCO's val2017"),
            ],
        };
        command.Add(name);
        foreach (var option in new Option[] { weights, data, size, batch, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            var (network, method) = TrainedNetworks.Find(context, parsed.GetRequiredValue(name), parsed.GetValue(weights), parsed.GetValue(size));
            EvaluationReport report;
            using (var progress = new ProgressDisplay(context.Terminal, network.Variant.Name)) report = method.Evaluate(network, parsed.GetValue(data), parsed.GetValue(batch) ?? 64, progress, context.Cancellation);
            if (parsed.GetValue(json)) context.Terminal.WriteJson(new EvalJson(network.Variant.Name, network.Weights, report.Data, report.Count, EvaluationJson.FiguresOf(report.Figures)), CliJson.Readable.EvalJson);
            else Show(context.Terminal, report);
            return 0;
        });
        return command;
    }

    private static void Show(Terminal terminal, EvaluationReport report)
    {
        terminal.Write(Columns.Facts([("pictures", $"{report.Count}"), .. report.Figures.Select(figure => (figure.Key, ClaimFigures.Number(figure.Value)))]));
        if (report.Rows.Count is 0 or > 50) return;
        terminal.Write(Columns.Line());
        var table = Columns.Of(["class", .. report.Columns.Select(column => ">" + column)]);
        foreach (var (name, values) in report.Rows) table.Add([name, .. values.Select(ClaimFigures.Number)]);
        terminal.Write(table);
    }
}
