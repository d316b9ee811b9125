using System.CommandLine;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce show NAME</c>: a system's card or a run, which load no libtorch, or a network's figures, which are counted.</summary>
internal static class ShowCommand
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("name") { Description = "A system, one of its networks, or a run's folder" };
        name.CompletionSources.Add(_ => context.Systems.Names.Concat(context.Models.List()));
        var batch = Shared.Number("--batch", "Inputs in the forward pass that is counted (networks only; 1)", 1);
        var compile = new Option<bool>("--compile")
        {
            Description = "Compile it, and say which form it gets and why no faster one (networks only)",
        };
        var json = Shared.Json();
        var command = new TeachingCommand(
            "show", "Show one system, one network with its parameters, operations and memory, "
            + "or one run with its settings and best figures.")
        {
            Examples =
            [
                ("sconce show clip", "its paper, networks, weights, claim, and what it predicts"),
                ("sconce show vit_base_patch16_224", "parameters, multiply-adds, activations and peak memory of one forward pass"),
                ("sconce show resnet50 --compile", "the same, and which form it has once compiled"),
                ("sconce show run1", "what was trained, how, and how well"),
                ("sconce show clip --json", "the same for scripts"),
            ],
        };
        command.Add(name);
        command.Add(batch);
        command.Add(compile);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string asked = parsed.GetRequiredValue(name);
            if (TrainedNetworks.IsRun(asked)) RunView.Write(context, asked, parsed.GetValue(json));
            else if (context.Systems.Find(asked) is { } system) SystemView.Write(context.Terminal, system, parsed.GetValue(json));
            else if (context.Models.Find(asked) is { } network)
            {
                var measured = new NetworkMeasurement(network, parsed.GetValue(batch) ?? 1, parsed.GetValue(compile));
                NetworkView.Write(context, context.Models.SystemOf(network), measured, parsed.GetValue(json));
            }
            else throw Unknown(context, asked);
            return 0;
        });
        return command;
    }

    private static UsageException Unknown(CommandContext context, string asked)
    {
        if (Directory.Exists(asked)) return new($"'{asked}' is a folder, but no run: it has no config.json");
        var names = context.Systems.Names.Concat(context.Models.List());
        return new(SystemRegistry.Sentence($"there is no system or "
            + $"network '{asked}'", NearestNames.Suggest(asked, names), "'sconce list' and 'sconce list --models' name them all"));
    }
}
