using System.CommandLine;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce sweep</c>: many runs over some settings, side by side, with one page about all of them.</summary>
internal static class SweepCommand
{
    private const string DefaultFolder = "sweeps";

    public static Command Create(CommandContext context, IReadOnlyList<string> line)
    {
        var name = new Argument<string?>("network")
        {
            Arity = ArgumentArity.ZeroOrOne,
            Description = "A network of the catalogue, where --config names none"
        };
        name.CompletionSources.Add(_ => context.Models.List());
        var config = new Option<string?>("--config")
        {
            Description = "A config.json to start from, such as a run's; options go before it",
            HelpName = "FILE"
        };
        var over = new Option<string[]>("--over")
        {
            Description = "What to go over: batch=8,16,32 takes each value, lr=log:0.001..0.3 is drawn from by each trial; may be given "
                + "again",
            HelpName = "SETTING=VALUES",
            Arity = ArgumentArity.OneOrMore,
        };
        var trials = Shared.Number("--trials", "Draws from the ranges for each combination of values (8)", 1);
        var seeds = Shared.Number("--seeds", "Repetitions of each trial, from the configuration's seed on (1)", 1);
        var jobs = Shared.Number("--jobs", "Runs at once, each in a process of its own with its share of the cores (as many as cores)", 1);
        var goal = new Option<string?>("--goal")
        {
            Description = "Count steps to it, such as accuracy>=0.9 or loss<=0.3",
            HelpName = "FIGURE>=VALUE"
        };
        var output = new Option<string?>(
            "--out")
        {
            Description = $"The sweep's folder: a run's folder a run, and {SweepSession.Page} ({DefaultFolder}/NETWORK)",
            HelpName = "DIR"
        };
        var retry = new Option<bool>("--retry") { Description = "Try runs again that failed" };
        var json = Shared.Json();
        var methods = new MethodChoice(context, line);
        var command = new TeachingCommand("sweep",
            "Train many times over some settings: every combination of listed values, and trials that draw from ranges. Stopped at any "
                + "moment, the same line goes on.")
        {
            Examples =
            [
                ("sconce sweep --config run1/config.json --over batch=8,16,32 --over lr=log:0.001..0.3", "eight rates for each batch size"),
                ("sconce sweep resnet20 --data photos/ --over lr=0.01,0.03,0.1 --seeds 3", "three rates, three seeds each"),
                ("sconce sweep resnet20 --data photos/ --over batch=8,64,512 --over lr=log:0.001..1 --goal \"accuracy>=0.9\"",
                    "steps to a goal by batch size, with the rate tuned anew for each"),
            ],
        };
        command.Add(name);
        foreach (var option in new Option[] { config, over, trials, seeds, jobs, goal, output, retry, json }) command.Add(option);
        foreach (var option in methods.All) command.Add(option);
        command.SetAction(parsed =>
        {
            var axes = (parsed.GetValue(over) ?? []).Select(SweepAxis.Parse).ToList();
            if (axes.Count == 0) throw new UsageException(
                "go over what? --over batch=8,16,32 or --over lr=log:0.001..0.3 ('sconce sweep --help' shows how)");
            var start = Start(context, parsed.GetValue(name), parsed.GetValue(config), methods.Asked(parsed), given =>
                methods.Apply(parsed, given));
            var session = new SweepSession(context, start, parsed.GetValue(output) ?? Path.Combine(DefaultFolder, start.Network))
            {
                Axes = axes,
                Trials = parsed.GetValue(trials) ?? 8,
                Seeds = parsed.GetValue(seeds) ?? 1,
                Jobs = parsed.GetValue(jobs) ?? Environment.ProcessorCount,
                Goal = parsed.GetValue(goal) is { } wanted ? SweepGoal.Parse(wanted) : null,
                Retries = parsed.GetValue(retry),
            };
            return session.Run(parsed.GetValue(json));
        });
        return command;
    }

    /// <summary>What every run begins with.</summary>
    private static RunConfiguration Start(
        CommandContext context, string? network, string? config, TrainingMethod? method, Func<RunConfiguration, RunConfiguration> apply)
    {
        var given = config is null ? null : RunConfigurationFile.Read(config, context.Methods, of => Of(network ?? of));
        string name = network ?? (given is { Network.Length: > 0 } ? given.Network : null)
            ?? throw new UsageException(
                "which network? 'sconce sweep resnet20 --data photos/ --over lr=0.01,0.1' for example (--config of a run does too)");
        var start = (given ?? Of(name).Start(name)) with { Network = context.Models.Get(name).Name };
        if (method is not null && method.Name != start.Method) start = method.Start(start.Network).With(start.Run).With(start.Optimization);
        start = apply(start);
        return start.Data.Length > 0 ? start.With(start.Run with { Data = Path.GetFullPath(start.Data) }) : start;

        TrainingMethod Of(string? asked) =>
            method ?? (asked is not null && context.Models.Find(asked) is { } found ? context.Methods.DefaultFor(found)
                : ClassifierMethod.Plain);
    }
}
