using System.CommandLine;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>
/// <c>--method NAME</c> and the settings of all methods as options. A line may hold any of them, so that a wrong one is told by name; help
/// shows those of the
/// method that the line speaks of, or of the plain one.
/// </summary>
internal sealed class MethodChoice
{
    private readonly MethodRegistry methods;
    private readonly Option<string?> method;
    private readonly SettingsOptions settings;

    /// <summary>Makes the options.</summary>
    /// <param name="context">The methods and networks.</param>
    /// <param name="line">The words of the command line.</param>
    public MethodChoice(CommandContext context, IReadOnlyList<string> line)
    {
        methods = context.Methods;
        string names = string.Join(", ", methods.All.Select(known => known.Name));
        method = new Option<string?>("--method")
        {
            Description = $"How it is trained: {names} ({ClassifierMethod.Plain.Name}; the network's own where only one can train it). " +
                "'sconce train --method NAME --help' shows its options",
            HelpName = "NAME",
        };
        method.CompletionSources.Add(_ => methods.All.Select(known => known.Name));
        Spoken = SpokenOf(context, line);
        settings = new SettingsOptions(methods.All.Select(known => (Called(known), known.Settings.Schema)));
        settings.Show([(Spoken ?? ClassifierMethod.Plain).Settings.Schema]);
        foreach (var list in settings.All.OfType<Option<string[]>>()) list.AllowMultipleArgumentsPerToken = true; // --freeze conv.* norm.*
    }

    /// <summary>The method that the line names, or that its network has; null where it is the plain one.</summary>
    public TrainingMethod? Spoken { get; }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [method, .. settings.All];

    /// <summary>The method that was typed, or null.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public TrainingMethod? Asked(ParseResult parsed) => parsed.GetValue(method) is { } name ? methods.Get(name) : null;

    /// <summary>Puts what was typed over a configuration.</summary>
    /// <exception cref="UsageException">An option is another method's, or a value is out of range.</exception>
    public RunConfiguration Apply(ParseResult parsed, RunConfiguration configuration)
    {
        var chosen = methods.Get(configuration.Method);
        var typed = settings.Typed(parsed, chosen.Settings.Schema, Called(chosen));
        return configuration with { Settings = chosen.Settings.Read(configuration.Settings, typed) };
    }

    /// <summary>Whether a setting was typed.</summary>
    public bool IsTyped(ParseResult parsed, string setting) => settings.IsTyped(parsed, setting);

    private static string Called(TrainingMethod method) => $"the method {method.Name}";

    private static TrainingMethod? SpokenOf(CommandContext context, IReadOnlyList<string> line)
    {
        if (!line.Contains("train") && !line.Contains("sweep")) return null;
        for (int k = 0; k < line.Count; k++)
        {
            if (line[k].StartsWith("--method=", StringComparison.Ordinal)) return context.Methods.Find(line[k]["--method=".Length..]);
            if (line[k] == "--method" && k + 1 < line.Count) return context.Methods.Find(line[k + 1]);
        }

        return line.Select(context.Models.Find).OfType<ModelVariant>()
            .Select(context.Methods.DefaultFor).FirstOrDefault(found => found != ClassifierMethod.Plain);
    }
}
