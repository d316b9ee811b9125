using System.CommandLine;
using Sconce.Catalogue;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce show NAME</c>: a system's card, which loads no libtorch, or a network's figures, which are counted.</summary>
internal static class ShowCommand
{
    public static Command Create(CommandContext context)
    {
        var name = new Argument<string>("name") { Description = "A system, or one of its networks" };
        name.CompletionSources.Add(_ => context.Systems.Names.Concat(context.Models.List()));
        var batch = Shared.Number("--batch", "Inputs in the forward pass that is counted (networks only; 1)", 1);
        var json = Shared.Json();
        var command = new TeachingCommand("show", "Show one system, or one network with its parameters, operations and memory.")
        {
            Examples =
            [
                ("sconce show clip", "its paper, networks, weights, claim, and what it predicts"),
                ("sconce show vit_base_patch16_224", "parameters, multiply-adds, activations and peak memory of one forward pass"),
                ("sconce show clip --json", "the same for scripts"),
            ],
        };
        command.Add(name);
        command.Add(batch);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string asked = parsed.GetRequiredValue(name);
            if (context.Systems.Find(asked) is { } system) SystemView.Write(context.Terminal, system, parsed.GetValue(json));
            else if (context.Models.Find(asked) is { } network) NetworkView.Write(context, network.System, network.Variant, parsed.GetValue(batch) ?? 1, parsed.GetValue(json));
            else throw Unknown(context, asked);
            return 0;
        });
        return command;
    }

    private static UsageException Unknown(CommandContext context, string asked)
    {
        var names = context.Systems.Names.Concat(context.Models.List());
        return new(SystemRegistry.Sentence($"there is no system or network '{asked}'", NearestNames.Suggest(asked, names), "'sconce list' and 'sconce list --models' name them all"));
    }
}
