using System.CommandLine;
using Sconce.Catalogue;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;

namespace Sconce.Cli.Commands;

/// <summary>
/// <c>sconce predict SYSTEM|NETWORK|RUN</c>: a system, one of its networks, or what a person trained, on a person's own files. Each system that predicts is a command below, with the options
/// of its predictor; so is each of its networks, where the line names it.
/// </summary>
internal static class PredictCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="context">The systems.</param>
    /// <param name="line">The words of the command line: the systems' own commands are made only where it speaks of predicting.</param>
    public static Command Create(CommandContext context, IReadOnlyList<string> line)
    {
        var command = new TeachingCommand("predict", "Run a system on your own files with its official weights, or weights of your own.")
        {
            Examples =
            [
                ("sconce predict clip --weights ViT-B-32.pt --image photo.jpg --labels \"a kangaroo,a dog\"", "which label fits the picture"),
                ("sconce predict run1 --image photo.jpg", "which class a network that you trained sees"),
                ("sconce predict resnet20 --weights resnet20-12fca82f.th --image frog.png", "a classifier of the catalogue"),
                ("sconce predict timesformer_divst_8x32_224_k400 --weights k400.pyth --video clip.mp4", "one of a system's networks, which knows videos"),
                ("sconce predict clip --help", "one system's own options"),
            ],
        };
        if (!line.Any(word => word.Contains("predict", StringComparison.Ordinal))) return command;
        // A system's own command has nothing to do with runs: its usage is to be that of the system.
        string? asked = line is ["predict", var word, ..] ? word : null;
        var network = asked is null ? null : Network(context, asked);
        if (network is { } found) command.Add(Of(context, found.System, found.System.Predictor!, asked, found.Variant));
        else if (asked is not null && OfRun(context, asked) is { } run) command.Add(run);
        else if (asked is null || context.Systems.Find(asked)?.Predictor is null) AddClassifiers(context, command);
        foreach (var system in context.Systems.All)
        {
            if (system.Predictor is { } predictor) command.Add(Of(context, system, predictor));
        }

        return command;
    }

    /// <summary>A network whose system has a predictor of its own; classifiers are all asked alike, and runs and systems come first.</summary>
    private static (NewsletterSystem System, ModelVariant Variant)? Network(CommandContext context, string asked) =>
        context.Systems.Find(asked) is null && !Directory.Exists(asked) && context.Models.Find(asked) is { } found && found.System.Predictor is not (null or ClassifierPredictor) ? found : null;

    /// <summary>A run whose method answers with options of its own; null where it does not, or the folder is no run that can be asked.</summary>
    private static Command? OfRun(CommandContext context, string asked)
    {
        if (!TrainedNetworks.IsRun(asked)) return null;
        try
        {
            var (trained, method) = TrainedNetworks.Find(context, asked, null, null);
            return method.PredictorFor(trained) is { } predictor && context.Models.Find(trained.Variant.Name) is { } found ? Of(context, found.System, predictor, asked, trained.Variant, isRun: true) : null;
        }
        catch (UsageException)
        {
            return null; // said where the run is asked
        }
    }

    /// <summary>What is no system's command is a run's folder or a classifier of the catalogue.</summary>
    private static void AddClassifiers(CommandContext context, TeachingCommand command)
    {
        var name = new Argument<string?>("run") { Arity = ArgumentArity.ZeroOrOne, Description = "A run's folder, or a classifier of the catalogue; systems have commands of their own" };
        var inputs = new Argument<string[]>("input") { Arity = ArgumentArity.ZeroOrMore, Description = "Pictures to look at" };
        var images = new Option<string[]>("--image") { Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true, Description = "Pictures to look at, the same as naming them without it", HelpName = "FILE" };
        var weights = new Option<string?>("--weights") { Description = "The checkpoint (a run's best)", HelpName = "FILE" };
        var size = Shared.Number("--size", "The side of the pictures in pixels (the network's own)", 8);
        var top = Shared.Number("--top", "Labels a picture (5)", 1);
        var json = Shared.Json();
        command.Add(name);
        command.Add(inputs);
        foreach (var option in new Option[] { images, weights, size, top, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            string asked = parsed.GetValue(name) ?? throw new UsageException("predict with what? Name a system, a run's folder or a classifier ('sconce predict --help' shows how)");
            if (!TrainedNetworks.IsRun(asked) && !Directory.Exists(asked) && context.Models.Find(asked) is null)
            {
                var names = context.Systems.All.Where(system => system.Predictor is not null).Select(system => system.Card.Name).Concat(context.Models.List());
                throw new UsageException(SystemRegistry.Sentence($"there is no system '{asked}' for 'sconce predict'", NearestNames.Suggest(asked, names), "nor a run's folder or a network of that name; 'sconce predict --help' shows how"));
            }

            var (trained, method) = TrainedNetworks.Find(context, asked, parsed.GetValue(weights), parsed.GetValue(size));
            string[] pictures = [.. (parsed.GetValue(inputs) ?? []).Concat(parsed.GetValue(images) ?? []).Select(file => Existing(file)!)];
            if (pictures.Length == 0) throw new UsageException("which pictures? Name them with --image");
            Run(context, asked, progress => method.Predict(trained, pictures, parsed.GetValue(top) ?? 5, progress, context.Cancellation), parsed.GetValue(json));
            return 0;
        });
    }

    /// <param name="context">The systems.</param>
    /// <param name="system">Whose command.</param>
    /// <param name="predictor">Of the system.</param>
    /// <param name="typed">The network as it was typed; null for the system.</param>
    /// <param name="network">The network that the command's name is; null where <c>--variant</c> says it.</param>
    /// <param name="isRun">Whether the name is a run's folder, which has weights.</param>
    private static Command Of(CommandContext context, NewsletterSystem system, Predictor predictor, string? typed = null, ModelVariant? network = null, bool isRun = false)
    {
        string name = typed ?? system.Card.Name;
        string example = predictor.Input == "video" ? "clip.mp4" : "photo.jpg";
        var command = new TeachingCommand(name, predictor.Purpose) { Examples = [($"sconce predict {name}{(isRun ? "" : " --weights FILE")} --{predictor.Input} {example}", $"{network?.Name ?? system.Card.Title} on one {predictor.Input}")] };
        if (typed is null && name.Contains('_')) command.Aliases.Add(name.Replace('_', '-'));
        var inputs = new Argument<string[]>("input") { Arity = ArgumentArity.ZeroOrMore, Description = "Files to look at" };
        var images = new Option<string[]>($"--{predictor.Input}") { Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true, Description = "Files to look at, the same as naming them without it", HelpName = "FILE" };
        if (predictor.Input != "image") images.Aliases.Add("--image");
        var weights = new Option<string?>("--weights") { Description = isRun ? "The checkpoint (the run's best)" : "The checkpoint", HelpName = "FILE" };
        var variant = new Option<string?>("--variant") { Description = "Which of its networks" + (system.Variants.Count > 0 ? $" ({system.Variants[0].Name})" : ""), HelpName = "NAME" };
        variant.CompletionSources.Add(_ => system.Variants.Select(known => known.Name));
        var json = Shared.Json();
        var own = predictor.Options.Select(option => new Option<string?>($"--{option.Name}") { Description = option.Help, HelpName = option.Name.ToUpperInvariant() })
            .Where(option => option.Name is not ("--image" or "--weights" or "--variant" or "--json" or "--help") && option.Name != images.Name).ToList();
        command.Add(inputs);
        foreach (var option in network is null ? new Option[] { images, weights, variant, json } : [images, weights, json]) command.Add(option);
        foreach (var option in own) command.Add(option);
        command.SetAction(parsed =>
        {
            var request = new PredictRequest(
                network?.Name ?? VariantName(system, parsed.GetValue(variant)),
                Existing(parsed.GetValue(weights)),
                [.. (parsed.GetValue(inputs) ?? []).Concat(parsed.GetValue(images) ?? []).Select(file => Existing(file)!)],
                own.Where(option => parsed.GetValue(option) is not null).ToDictionary(option => option.Name[2..], option => parsed.GetValue(option)!));
            Run(context, system.Card.Name, progress => predictor.Predict(request, progress, context.Cancellation), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static void Run(CommandContext context, string title, Func<IProgress<WorkProgress>, IEnumerable<PredictResult>> predict, bool json)
    {
        var results = new List<PredictResult>();
        using (var progress = new ProgressDisplay(context.Terminal, title))
        {
            foreach (var result in predict(progress))
            {
                results.Add(result);
                // Beside a live bar the answers wait until it is gone.
                if (!json && !context.Terminal.ErrorIsTerminal) Write(context.Terminal, result);
            }
        }

        if (json) context.Terminal.WriteJson([.. results.Select(result => new PredictionJson(result.Input, result.Predictions, result.Output))], CliJson.Readable.PredictionJsonArray);
        else if (context.Terminal.ErrorIsTerminal) results.ForEach(result => Write(context.Terminal, result));
    }

    private static void Write(Terminal terminal, PredictResult result)
    {
        terminal.Write(Columns.Heading(result.Input));
        if (result.Predictions.Count > 0)
        {
            bool boxes = result.Predictions.Any(prediction => prediction.Box is not null);
            var table = boxes ? Columns.Of(">", "", "left, top, right, bottom") : Columns.Of(">", "");
            foreach (var prediction in result.Predictions)
            {
                string confidence = FormattableString.Invariant($"{100 * prediction.Confidence:0.0} %");
                if (boxes) table.Add(confidence, prediction.Label, string.Join(", ", (prediction.Box ?? []).Select(edge => FormattableString.Invariant($"{edge:0}"))));
                else table.Add(confidence, prediction.Label);
            }

            table.ShowHeaders = boxes;
            terminal.Write(table);
        }

        if (result.Output is { } file) terminal.Write(Columns.Line(file));
        terminal.Out.Flush();
    }

    private static string? VariantName(NewsletterSystem system, string? asked)
    {
        if (asked is null) return null;
        if (new ModelRegistry([system]).Find(asked) is { } found) return found.Variant.Name;
        var names = system.Variants.Select(variant => variant.Name).ToList();
        throw new UsageException(SystemRegistry.Sentence($"{system.Card.Name} has no network '{asked}'", NearestNames.Suggest(asked, names), $"it has {string.Join(", ", names)}"));
    }

    private static string? Existing(string? file) =>
        file is null || File.Exists(file) || Directory.Exists(file) ? file : throw new UsageException($"there is no file '{file}'");
}
