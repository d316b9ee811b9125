using System.CommandLine;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Files;
using Sconce.Imaging;
using Sconce.Reports;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce eval NAME|RUN</c>: how right a checkpoint is on labelled pictures.</summary>
internal static class EvalCommand
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("network")
        { Description = "A network of the catalogue that is trained with labels, or a run's folder" };
        name.CompletionSources.Add(_ => context.Models.List());
        var weights = new Option<string?>("--weights")
        {
            Description = "The checkpoint, or 'official' (a run's best; the official ones where they are in the cache)",
            HelpName = "FILE",
        };
        var data = new Option<string?>("--data")
        {
            Description = "A folder with a subfolder a class, CIFAR's binary files, or for "
            + "detectors COCO's layout or VOC's; of several parts the one to be asked about (a run's own pictures)",
            HelpName = "FOLDER"
        };
        var size = Shared.Number("--size", "The side of the pictures in pixels (the network's own)", 8);
        var batch = Shared.Number("--batch", "Pictures a batch (64)", 1);
        var output = new Option<string?>(
            "--out")
        {
            Description = "A folder for report.html, and for classifiers mistakes.png: the surest wrong answers",
            HelpName = "DIR"
        };
        var device = Devices.Option();
        var attack = new Option<string?>("--attack")
        {
            Description = "Ask about the pictures under attack too: one step of the gradient's sign, or several",
            HelpName = "fgsm|pgd",
        };
        attack.AcceptOnlyFromAmong("fgsm", "pgd");
        var epsilon = new Option<double?>("--epsilon")
        {
            Description = "The most by which an attack changes a pixel, of the range 0 to 1 (0.02)",
            HelpName = "NUMBER",
        };
        var attackSteps = Shared.Number("--attack-steps", "Steps of pgd, each of half the range (5)", 1);
        var json = Shared.Json();
        var naming = new WeightsNaming();
        var command = new TeachingCommand("eval",
            "Ask a network about labelled pictures: accuracy, top 5, AUROC of two classes, F1, loss, each class, who is taken for whom, "
                + "thresholds, calibration. Detectors: COCO's average precision, and panoptic quality. What learned without labels is "
                + "asked by a linear probe on its features; what paints, dubs or measures depth, for the figures that its training "
                + "watches.")
        {
            Examples =
            [
                ("sconce eval resnet20 --weights resnet20-12fca82f.th --data cifar-10-batches-bin", "a published checkpoint"),
                ("sconce eval run1", "a run's best weights on the pictures it held out"),
                ("sconce eval run1 --data more-photos/ --out asked", "on others; the page and the worst mistakes go to asked/"),
                ("sconce eval run1 --attack pgd --epsilon 0.02", "how much is left under attack"),
                .. context.Systems.All.Where(system => system.Evaluation is not null).SelectMany(system =>
                    system.Evaluation!.Examples.Select(line => ($"sconce eval {system.Card.Name} {line.Line}", line.Meaning))),
                ("sconce eval detr_resnet50 --weights detr-r50-e632da11.pth --data coco/", "a detector, on COCO's val2017"),
            ],
        };
        command.Add(name);
        Option[] own = [weights, data, size, batch, attack, epsilon, attackSteps, output, device, json, .. naming.All];
        var judged = context.Systems.All.Where(system => system.Evaluation is not null).ToList();
        var settings = new SettingsOptions(
            judged.Select(system => (system.Card.Name, system.Evaluation!.Settings)),
            [.. own.SelectMany(option => option.Aliases.Append(option.Name))]);
        foreach (var option in own.Concat(settings.All)) command.Add(option);
        command.SetAction(parsed =>
        {
            if (judged.Find(system => system.Card.Name == parsed.GetRequiredValue(name)) is { Evaluation: { } evaluation } judge)
            {
                object asked = settings.Read(parsed, evaluation.Settings, judge.Card.Name);
                EvaluationReport figures;
                using (var progress = new ProgressDisplay(context.Terminal, judge.Card.Name))
                    figures = evaluation.Evaluate(asked, progress, context.Cancellation);
                Write(context, parsed.GetValue(json), judge.Card.Name, "", figures);
                return 0;
            }

            settings.RefuseTyped(parsed);
            Device? place = parsed.GetValue(device) is { } typed ? Devices.Of(typed) : null;
            var (network, method) = TrainedNetworks.Find(context, parsed.GetRequiredValue(name), parsed.GetValue(weights),
                parsed.GetValue(size));
            using var named = naming.For(parsed, network.Weights);
            network = network with { Device = place };
            context.Terminal.Note($"sconce: {network.Variant.Name} on {Devices.Described(network.RunsOn)}");
            var attacked = Attack(parsed.GetValue(attack), parsed.GetValue(epsilon), parsed.GetValue(attackSteps));
            var (folder, together) = (parsed.GetValue(data), parsed.GetValue(batch) ?? 64);
            EvaluationReport report;
            using (var progress = new ProgressDisplay(context.Terminal, network.Variant.Name))
            {
                report = attacked is null
                    ? method.Evaluate(network, folder, together, progress, context.Cancellation)
                    : method.EvaluateAttacked(network, attacked, folder, together, progress, context.Cancellation);
            }

            foreach (string remark in report.Remarks) context.Terminal.Note(remark);
            Write(context, parsed.GetValue(json), network.Variant.Name, network.Weights, report);
            // A run's own page tells of its pictures as they are.
            if (attacked is null || parsed.GetValue(output) is not null) Keep(context, parsed.GetValue(output), network, folder, report);
            return 0;
        });
        return command;
    }

    private static PictureAttack? Attack(string? kind, double? epsilon, int? steps)
    {
        if (kind is null)
        {
            if (epsilon is not null || steps is not null) throw new UsageException("--epsilon and --attack-steps go with --attack");
            return null;
        }

        if (steps is not null && kind == "fgsm") throw new UsageException("--attack-steps goes with --attack pgd: fgsm is one step");
        if (epsilon is not (null or (> 0 and <= 1))) throw new UsageException($"--epsilon is more than 0 and at most 1, not {epsilon}");
        var attack = new PictureAttack(kind == "fgsm" ? AttackKind.Fgsm : AttackKind.Pgd);
        return attack with { Epsilon = epsilon ?? attack.Epsilon, Steps = steps ?? attack.Steps };
    }

    private static void Write(CommandContext context, bool json, string name, string weights, EvaluationReport report)
    {
        if (json) context.Terminal.WriteJson(EvalJson.Of(name, weights, report), CliJson.Readable.EvalJson);
        else EvaluationView.Write(context.Terminal, report);
    }

    /// <summary>
    /// The page and the sheet of mistakes: where they were asked for, and the page of a run that was asked about its own pictures.
    /// </summary>
    private static void Keep(CommandContext context, string? output, TrainedNetwork network, string? data, EvaluationReport report)
    {
        if (output is not null)
        {
            Directory.CreateDirectory(output);
            string page = Path.Combine(output, RunReport.Page), sheet = Path.Combine(output, "mistakes.png");
            RunReport.WriteEvaluation(page, network.Variant.Name, report);
            context.Terminal.Note(page);
            if (report.Classifier?.ContactSheet() is not { } mistakes) return;
            AtomicFile.Write(sheet, mistakes.Encode(ImageFormat.Png));
            context.Terminal.Note($"{sheet}: the {report.Classifier.Mistakes.Count} surest wrong answers, the surest first");
        }
        else if (network.Run is { } run && network.IsOwn(data) && network.Weights == Path.Combine(run, RunFolder.BestName))
        {
            context.Terminal.Note(RunReport.Write(run, RunOverview.Read(run, context.Methods), report));
        }
    }
}
