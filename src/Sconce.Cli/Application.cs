using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Cli.Commands;
using Sconce.Cli.Verbs;
using Sconce.Reports;

namespace Sconce.Cli;

/// <summary>The <c>sconce</c> command: builds the command tree over a list of systems, runs one command line, and gives its exit
/// status.</summary>
internal static class Application
{
    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="systems">The catalogue, or a test's own.</param>
    /// <param name="terminal">Where to write.</param>
    /// <param name="self">How this command is started again; null for this process's own program.</param>
    /// <returns>0; 1 where something failed, 2 where it was asked wrongly, 130 after Ctrl-C.</returns>
    public static int Run(IReadOnlyList<string> arguments, IReadOnlyList<CatalogueSystem> systems, Terminal terminal,
        CommandLineOfSelf? self = null)
    {
        using var context = new CommandContext(systems, terminal) { Self = self ?? CommandLineOfSelf.OfProcess() };
        int status;
        try
        {
            status = Run(Rewritten(arguments), context);
        }
        catch (Exception error) when (Environment.GetEnvironmentVariable("SCONCE_TRACE") != "1")
        {
            status = Faults.Report(error, context);
        }

        try
        {
            terminal.Out.Flush();
        }
        catch (IOException error)
        {
            terminal.Note($"sconce: the answer cannot be written: {error.Message}");
            status = Faults.FailureStatus;
        }

        terminal.Error.Flush();
        return status;
    }

    private static int Run(IReadOnlyList<string> arguments, CommandContext context)
    {
        var root = Root(context, arguments);
        var parsed = CommandLineParser.Parse(root, arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is not { ClearsParseErrors: true } && ParseFaults.Describe(parsed) is { } fault)
        {
            context.Terminal.Note($"sconce: {fault}");
            return Faults.UsageStatus;
        }

        return parsed.Invoke(new InvocationConfiguration
        { EnableDefaultExceptionHandler = false, Output = context.Terminal.Out, Error = context.Terminal.Error });
    }

    private static RootCommand Root(CommandContext context, IReadOnlyList<string> arguments)
    {
        var root = new RootCommand("Machine learning systems of a well-read run of papers: look at them, run them on your own files with "
            + "their authors' weights, and try their claims.")
        {
#if NET10_0_OR_GREATER
            HelpName = "sconce",   // before, help takes the program's own name, which is that of the native binary
#endif
        };
        root.Add(ListCommand.Create(context));
        root.Add(ShowCommand.Create(context));
        root.Add(ClaimCommand.Create(context));
        root.Add(VerbCommand.Create(context, verb: null));
        // 'predict' is what a network is for, whichever verb that is; of tables it is the verb itself.
        foreach (var verb in context.Abilities.Verbs.Where(verb => verb != Verb.Predict)) root.Add(VerbCommand.Create(context, verb));
        // what people type today goes on working
        if (context.Abilities.Verbs.Contains(Verb.Embed)) root.Add(VerbCommand.Create(context, Verb.Embed, "features"));
        root.Add(TrainCommand.Create(context, arguments));
        root.Add(EvalCommand.Create(context));
        root.Add(DataCommand.Create(context));
        root.Add(RunsCommand.Create(context));
        root.Add(CompareCommand.Create(context));
        root.Add(SweepCommand.Create(context, arguments));
        root.Add(ExportCommand.Create(context));
        root.Add(ServeCommand.Create(context));
        root.Add(WeightsCommand.Create(context, isPull: arguments.Contains("pull")));
        root.Add(CompletionCommand.Create(context));
        root.Options.OfType<VersionOption>().Single().Action = new VersionLine();
        // a path, to a shell that completes
        foreach (string slashed in (string[])["/?", "/h"]) root.Options.OfType<HelpOption>().Single().Aliases.Remove(slashed);
        NameArguments(root);
        TeachingHelp.Install(root, context.Terminal,
        [
            ("sconce list", "everything there is"),
            ("sconce show clip", "one system: its paper, networks, weights, claim"),
            ("sconce claim nfnets", "the paper's effect as a small experiment, with a report"),
            ("sconce train resnet18 --data photos/ --out run1", "a classifier on your own pictures; the same command goes on after a stop"),
            ("sconce classify photo.jpg", "what a picture shows; every verb says by --help what it takes"),
        ]);
        return root;
    }

    /// <summary>Without a name of its own, help would list every value that completion offers.</summary>
    private static void NameArguments(Command command)
    {
        foreach (var argument in command.Arguments) argument.HelpName ??= argument.Name;
        foreach (var inner in command.Subcommands) NameArguments(inner);
    }

    /// <summary><c>help X</c> is <c>X --help</c>, nothing is <c>--help</c>, and a completion's line loses the program's own name.</summary>
    private static IReadOnlyList<string> Rewritten(IReadOnlyList<string> arguments) => arguments switch
    {
        [] => ["--help"],
        ["help", ..] => [.. arguments.Skip(1), "--help"],
        [var directive, var line] when directive.StartsWith("[suggest:", StringComparison.Ordinal) =>
            CompletionLine.WithoutProgram(directive, line),
        _ => arguments,
    };
}

/// <summary>Writes the version, which takes no libtorch.</summary>
internal sealed class VersionLine : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine($"sconce {RunVersions.Sconce}");
        return 0;
    }
}
