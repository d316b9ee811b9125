using System.CommandLine;
using Sconce.Catalogue;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Reports;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce eval NAME|RUN</c>: how right a checkpoint is on labelled pictures.</summary>
internal static class EvalCommand
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("network") { Description = "A classifier of the catalogue, or a run's folder" };
        name.CompletionSources.Add(_ => context.Models.List());
        var weights = new Option<string?>("--weights") { Description = "The checkpoint (a run's best)", HelpName = "FILE" };
        var data = new Option<string?>("--data") { Description = "A folder with a subfolder a class, or CIFAR's binary files; of several parts the one to be asked about (a run's own pictures)", HelpName = "FOLDER" };
        var size = Shared.Number("--size", "The side of the pictures in pixels (the network's own)", 8);
        var batch = Shared.Number("--batch", "Pictures a batch (64)", 1);
        var json = Shared.Json();
        var command = new TeachingCommand("eval", "Ask a classifier about labelled pictures: accuracy, top 5, AUROC of two classes, F1, loss, and each class on its own.")
        {
            Examples =
            [
                ("sconce eval resnet20 --weights resnet20-12fca82f.th --data cifar-10-batches-bin", "a published checkpoint"),
                ("sconce eval run1", "a run's best weights on the pictures it held out"),
                ("sconce eval run1 --data more-photos/", "on others"),
            ],
        };
        command.Add(name);
        foreach (var option in new Option[] { weights, data, size, batch, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            var trained = TrainedNetwork.Find(context.Models, parsed.GetRequiredValue(name), parsed.GetValue(weights), parsed.GetValue(size));
            var (images, classes, place) = Pictures(parsed.GetRequiredValue(name), trained, parsed.GetValue(data));
            var metrics = Evaluate(context, trained, images, classes, parsed.GetValue(batch) ?? 64);
            if (parsed.GetValue(json)) context.Terminal.WriteJson(new EvalJson(trained.Variant.Name, trained.Weights, place, metrics.Count, EvaluationJson.FiguresOf(metrics.Figures())), CliJson.Readable.EvalJson);
            else Show(context.Terminal, metrics, classes);
            return 0;
        });
        return command;
    }

    private static (IDataset<ImageExample> Images, IReadOnlyList<string> Classes, string Place) Pictures(string name, TrainedNetwork trained, string? folder)
    {
        if (folder is not null)
        {
            var (images, classes) = LabelledImages.OpenTest(folder, trained.Classes);
            return (images, classes, folder);
        }

        if (trained.Data is not { } own) throw new UsageException("--data is missing: the folder of labelled pictures");
        var configuration = TrainingConfigurationFile.Read(Path.Combine(name, "config.json"));
        var parts = LabelledImages.Open(own, configuration.Classes, configuration.Validation, configuration.Seed);
        return (parts.Test, parts.Classes, own);
    }

    private static ClassificationMetrics Evaluate(CommandContext context, TrainedNetwork trained, IDataset<ImageExample> images, IReadOnlyList<string> classes, int batch)
    {
        var cancellation = context.Cancellation;
        using var progress = new ProgressDisplay(context.Terminal, trained.Variant.Name);
        using var network = trained.Load(classes.Count);
        var device = TorchRuntime.BestDevice;
        network.To(device);
        var loader = ImageLoader.Create(images, trained.Preprocessing, new DataLoaderOptions { BatchSize = batch }, classes.Count);
        return ClassifierEvaluation.Run(network, loader, classes.Count, device, done => progress.Report(new WorkProgress("evaluating", Math.Min((long)done * batch, images.Count), images.Count)), cancellation);
    }

    private static void Show(Terminal terminal, ClassificationMetrics metrics, IReadOnlyList<string> classes)
    {
        terminal.Write(Columns.Facts([("pictures", $"{metrics.Count}"), .. metrics.Figures().Select(figure => (figure.Key, ClaimFigures.Number(figure.Value)))]));
        if (classes.Count > 50) return;
        terminal.Write(Columns.Line());
        var table = Columns.Of("class", ">pictures", ">recall", ">precision", ">F1");
        for (int c = 0; c < classes.Count; c++)
        {
            table.Add(classes[c], $"{metrics.Confusion.Labelled(c)}", ClaimFigures.Number(metrics.Confusion.Recall(c)), ClaimFigures.Number(metrics.Confusion.Precision(c)), ClaimFigures.Number(metrics.Confusion.F1(c)));
        }

        terminal.Write(table);
    }
}
