using System.CommandLine;
using Sconce.Abilities;
using Sconce.Cli.Verbs;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce train NAME --data FOLDER</c>: a network of the catalogue on a person's own data, by plain training or a system's
/// method; the same command goes on with a run that was stopped.</summary>
internal static class TrainCommand
{
    public static Command Create(CommandContext context, IReadOnlyList<string> line)
    {
        var name = new Argument<string?>("network")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "A network of the catalogue ('sconce list --models'); a run that goes on knows its own"
        };
        name.CompletionSources.Add(_ => context.Models.List());
        var output = new Option<string?>("--out")
        { Description = "The run's folder: configuration, log, checkpoints (runs/NETWORK, or runs/NETWORK-METHOD)", HelpName = "DIR" };
        var config = new Option<string?>("--config")
        { Description = "A config.json to start from, such as another run's; options go before it", HelpName = "FILE" };
        var check = new Option<bool>("--check")
        {
            Description =
            "Seconds before hours: the initial loss, one batch learned by heart, a picture of a batch with its labels; then stop"
        };
        var device = Devices.Option();
        var json = Shared.Json();
        var methods = new MethodChoice(context, line);
        var command = new TeachingCommand("train", Purpose(methods))
        {
            Examples = [.. Examples(context, methods.Spoken)],
        };
        var naming = new WeightsNaming();
        command.Add(name);
        foreach (var option in new Option[] { output, config, check, device, json }) command.Add(option);
        foreach (var option in methods.All) command.Add(option);
        foreach (var option in naming.All) command.Add(option);
        command.SetAction(parsed =>
        {
            string? network = parsed.GetValue(name) is { } asked ? TrainedNetworks.ToTrain(context, asked) : null;
            var session = new TrainingSession(context, parsed.GetValue(output), parsed.GetValue(config), parsed.GetValue(json),
                parsed.GetValue(device) is { } place ? Devices.Of(place) : null)
            { TakesDecisions = methods.IsTyped(parsed, TrainingSession.Decisions) };
            CheckpointChoice? named = null;
            try
            {
                return session.Run(network, methods.Asked(parsed), Applied, parsed.GetValue(check));
            }
            finally
            {
                named?.Dispose();
            }

            RunConfiguration Applied(RunConfiguration configuration)
            {
                var applied = Pretrained(context, methods.Apply(parsed, configuration));
                named ??= naming.For(parsed, applied.Run.Pretrained);
                return applied;
            }
        });
        return command;
    }

    /// <summary>What it starts from as a file: a run's folder stands for its best weights, <c>official</c> for the authors' own.</summary>
    private static RunConfiguration Pretrained(CommandContext context, RunConfiguration asked)
    {
        if (asked.Run.Pretrained is not { } place || !(place == WeightsChoice.Official || TrainedNetworks.IsRun(place))) return asked;
        var (target, variant) = TrainedNetworks.Target(context, asked.Network);
        return asked.With(asked.Run with { Pretrained = new WeightsChoice(context).Of(place, target, variant) });
    }

    /// <summary>Lines to type: a method's own where one is spoken of, else a classifier's and one of each other method.</summary>
    private static IEnumerable<(string Line, string Meaning)> Examples(CommandContext context, TrainingMethod? spoken)
    {
        (string, string)[] classifiers =
        [
            ("resnet18 --data photos/ --out run1", "from scratch; type it again to go on after a stop"),
            ("resnet18 --data photos/ --out run1 --check", "is everything as it should be?"),
            ("resnet18 --data photos/ --out run2 --pretrained resnet18-f37072fd.pth --epochs 10",
                "fine-tune published weights; the classifier is made anew"),
            ("resnet18 --data photos/ --out run2 --pretrained official --epochs 10", "the same with its authors' weights, downloaded"),
            ("resnet18 --data photos/ --out run3 --pretrained resnet18-f37072fd.pth --freeze \"layer*\"",
                "train only what lies around the stages"),
        ];
        IEnumerable<(string, string)> lines = spoken switch
        {
            null => [.. classifiers, .. context.Methods.All.SelectMany(method => method.Examples.Take(1))],
            { Examples: [] } => classifiers,
            _ => spoken.Examples,
        };
        foreach (var (line, meaning) in lines) yield return ($"sconce train {line}", meaning);
        yield return ("sconce train --config run1/config.json --seed 1 --out run4", "the same again with another seed");
        if (spoken is null) yield return Decided;
        yield return spoken is not null && !spoken.Answers(Verb.Classify) && spoken.Answers(Verb.Embed)
            ? ("sconce embed run1 photos/ --csv features.csv", "the features that it learned")
            : ("sconce predict run1 photo.jpg", "ask the trained network");
    }

    private static (string Line, string Meaning) Decided =>
        ("sconce train --out run1 --epochs 40 --decisions serving/review/decided/run1", "a run learns what a person decided, too");

    private static string Purpose(MethodChoice methods) => methods.Spoken is { } spoken
        ? $"Train by the method {spoken.Name}: {spoken.Purpose}. Stopped at any moment, the same command goes on where the run was."
        : "Train a network on your own pictures: a folder with a subfolder a class, one with train and val of such, or CIFAR's binary "
        + "files; detectors take COCO's layout or VOC's; --method names other ways to train, some without labels. " +
          "Stopped at any moment, the same command goes on where the run was.";
}
