using System.CommandLine;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce train NAME --data FOLDER</c>: a network of the catalogue on a person's own data, by plain training or a system's method; the same command goes on with a run that was stopped.</summary>
internal static class TrainCommand
{
    public static Command Create(CommandContext context, IReadOnlyList<string> line)
    {
        var name = new Argument<string?>("network") { Arity = ArgumentArity.ZeroOrOne, Description = "A network of the catalogue ('sconce list --models'); a run that goes on knows its own" };
        name.CompletionSources.Add(_ => context.Models.List());
        var output = new Option<string?>("--out") { Description = "The run's folder: configuration, log, checkpoints (runs/NETWORK, or runs/NETWORK-METHOD)", HelpName = "DIR" };
        var config = new Option<string?>("--config") { Description = "A config.json to start from, such as another run's; options go before it", HelpName = "FILE" };
        var check = new Option<bool>("--check") { Description = "Seconds before hours: the initial loss, one batch learned by heart, a picture of a batch with its labels; then stop" };
        var json = Shared.Json();
        var settings = new TrainingOptions();
        var methods = new MethodChoice(context, line);
        var command = new TeachingCommand("train", Purpose(methods))
        {
            Examples =
            [
                ("sconce train resnet18 --data photos/ --out run1", "from scratch; type it again to go on after a stop"),
                ("sconce train resnet18 --data photos/ --out run1 --check", "is everything as it should be?"),
                ("sconce train resnet18 --data photos/ --out run2 --pretrained resnet18-f37072fd.pth --epochs 10", "fine-tune published weights; the classifier is made anew"),
                ("sconce train resnet18 --data photos/ --out run3 --pretrained resnet18-f37072fd.pth --freeze \"layer*\"", "train only what lies around the stages"),
                .. methods.Spoken?.Examples ?? context.Methods.All.SelectMany(method => method.Examples.Take(1)),
                ("sconce train --config run1/config.json --seed 1 --out run4", "the same again with another seed"),
                ("sconce predict run1 --image photo.jpg", "ask the trained network"),
            ],
        };
        command.Add(name);
        foreach (var option in new Option[] { output, config, check, json }) command.Add(option);
        foreach (var option in settings.All) command.Add(option);
        foreach (var option in methods.All) command.Add(option);
        command.SetAction(parsed =>
        {
            string? network = parsed.GetValue(name) is { } asked ? context.Models.Get(asked).Variant.Name : null;
            var session = new TrainingSession(context, parsed.GetValue(output), parsed.GetValue(config), parsed.GetValue(json));
            return session.Run(network, methods.Asked(parsed), configuration => methods.Apply(parsed, settings.Apply(parsed, configuration)), parsed.GetValue(check));
        });
        return command;
    }

    private static string Purpose(MethodChoice methods) => methods.Spoken is { } spoken
        ? $"Train by the method {spoken.Name}: {spoken.Purpose}. Stopped at any moment, the same command goes on where the run was."
        : "Train a network on your own pictures: a folder with a subfolder a class, one with train and val of such, or CIFAR's binary files; detectors take COCO's layout or VOC's; --method names other ways to train, some without labels. " +
          "Stopped at any moment, the same command goes on where the run was.";
}
