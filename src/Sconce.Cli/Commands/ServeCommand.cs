using System.CommandLine;
using Sconce.Cli.Verbs;
using Sconce.Server;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce serve NAME|RUN…</c>: what the verbs do, over HTTP. Nothing of the server is loaded for another command.</summary>
internal static class ServeCommand
{
    private const string KeyVariable = "SCONCE_KEY";

    public static Command Create(CommandContext context)
    {
        var names = new Argument<string[]>("names")
        {
            Description = "Runs' folders, networks or systems; NAME=FILE names a checkpoint, NAME=official the authors' own",
            HelpName = "RUN|NAME[=FILE]…",
            Arity = ArgumentArity.OneOrMore,
        };
        names.CompletionSources.Add(_ =>
            context.Systems.All.Where(system => system.Abilities.Count > 0).Select(system => system.Card.Name));
        var settings = new SettingsOptions([("serve", ServerSettings.Schema)]);
        var command = new TeachingCommand("serve", "Serve runs, networks and systems over HTTP, with pages, until Ctrl-C or SIGTERM.")
        {
            Examples =
            [
                ("sconce serve run1", "http://localhost:8080/ shows it; POST /classify/run1 asks it"),
                ("sconce serve run1 resnet50=official --port 9000", "two of them, at another port"),
                ($"{KeyVariable}=… sconce serve run1 --listen '*'", "for others too, who send the key"),
                ("sconce serve run1 --review 0.6", "answers less sure than that wait at /review for a person"),
                ("curl --data-binary @photo.jpg http://localhost:8080/classify/run1", "an answer"),
            ],
        };
        command.Add(names);
        foreach (var option in settings.All) command.Add(option);
        command.SetAction(parsed =>
        {
            var typed = settings.Typed(parsed, ServerSettings.Schema, "serve").ToList();
            if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key && typed.All(pair => pair.Key != "key"))
                typed.Add(new("key", key));
            var asked = (ServerSettings)((SettingsSchema)ServerSettings.Schema).Read(typed);
            return Run(context, [.. parsed.GetRequiredValue(names).Select(name => Served(context, name))], asked);
        });
        return command;
    }

    private static int Run(CommandContext context, IReadOnlyList<Served> served, ServerSettings settings)
    {
        // The process's own signals are the server's: it finishes what it has taken on, and that is a good end.
        return Serve().GetAwaiter().GetResult();

        async Task<int> Serve()
        {
            await using var server = SconceServer.Open(served, settings);
            await server.RunAsync(address =>
            {
                foreach (string path in server.Paths) context.Terminal.Out.WriteLine($"POST {address.ToString().TrimEnd('/')}{path}");
                context.Terminal.Out.WriteLine($"{address} shows them, {address}scalar says how they are asked; Ctrl-C ends");
                context.Terminal.Out.Flush();
            });
            return 0;
        }
    }

    /// <summary>Whom a word means, with weights that are at hand.</summary>
    private static Served Served(CommandContext context, string word)
    {
        var named = Server.Served.Of([.. context.Systems.All], word);
        if (named.Target.Run is not null) return named;
        var network = named.Target.Variant
            ?? named.Target.Abilities.Where(ability => ability.NeedsWeights).Select(named.Target.NetworkFor).FirstOrDefault();
        return named with
        {
            Weights = new WeightsChoice(context)
            .Of(named.Weights, named.Target, named.Target.Abilities.Any(ability => ability.NeedsWeights) ? network : null)
        };
    }
}
