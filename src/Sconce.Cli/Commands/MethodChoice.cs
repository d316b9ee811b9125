using System.CommandLine;
using Sconce.Catalogue;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>
/// <c>--method NAME</c> and the options of all methods. A line may hold any of them, so that a wrong one is told by name; help shows those of the method that the line speaks of.
/// </summary>
internal sealed class MethodChoice
{
    private readonly MethodRegistry methods;
    private readonly Option<string?> method;
    private readonly List<(string Name, Option<string?> Option)> own = [];

    /// <summary>Makes the options.</summary>
    /// <param name="context">The methods and networks.</param>
    /// <param name="line">The words of the command line.</param>
    public MethodChoice(CommandContext context, IReadOnlyList<string> line)
    {
        methods = context.Methods;
        method = new Option<string?>("--method")
        {
            Description = $"How it is trained: {string.Join(", ", methods.All.Select(known => known.Name))} ({ClassifierMethod.Plain.Name}; the network's own where only one can train it). 'sconce train --method NAME --help' shows its options",
            HelpName = "NAME",
        };
        method.CompletionSources.Add(_ => methods.All.Select(known => known.Name));
        Spoken = SpokenOf(context, line);
        foreach (var option in methods.All.SelectMany(known => known.Options).DistinctBy(option => option.Name))
        {
            var shown = Spoken?.Options.FirstOrDefault(spoken => spoken.Name == option.Name);
            var described = shown ?? option;
            own.Add((option.Name, new Option<string?>(option.Typed)
            {
                Description = $"{Spoken?.Name}: {described.Help}{(described.Default is { } value ? $" ({value})" : "")}",
                HelpName = described.IsPath ? "FILE" : "VALUE",
                Hidden = shown is null,
            }));
        }
    }

    /// <summary>The method that the line names, or that its network has; null where it is the plain one.</summary>
    public TrainingMethod? Spoken { get; }

    /// <summary>All of them, the methods' own last.</summary>
    public IEnumerable<Option> All => [method, .. own.Select(entry => entry.Option)];

    /// <summary>The method that was typed, or null.</summary>
    /// <exception cref="UsageException">There is none of that name.</exception>
    public TrainingMethod? Asked(ParseResult parsed) => parsed.GetValue(method) is { } name ? methods.Get(name) : null;

    /// <summary>Puts what was typed for the method over a configuration that names it.</summary>
    /// <exception cref="UsageException">An option is another method's, or a value is out of range.</exception>
    public TrainingConfiguration Apply(ParseResult parsed, TrainingConfiguration configuration)
    {
        var chosen = methods.Get(configuration.Method);
        var typed = new List<KeyValuePair<string, string?>>();
        foreach (var (name, option) in own)
        {
            if (parsed.GetValue(option) is not { } text) continue;
            if (chosen.Options.FirstOrDefault(known => known.Name == name) is not { } known)
            {
                string owners = string.Join(" or ", methods.All.Where(other => other.Options.Any(theirs => theirs.Name == name)).Select(other => $"--method {other.Name}"));
                throw new UsageException($"{option.Name} is no option of the method {chosen.Name}: it goes with {owners}");
            }

            string value = known.Checked(text, option.Name);
            typed.Add(KeyValuePair.Create(name, (string?)(known.IsPath ? Path.GetFullPath(value) : value)));
        }

        return configuration with { MethodOptions = configuration.MethodOptions.With(typed) };
    }

    private static TrainingMethod? SpokenOf(CommandContext context, IReadOnlyList<string> line)
    {
        if (!line.Contains("train")) return null;
        for (int k = 0; k < line.Count; k++)
        {
            if (line[k].StartsWith("--method=", StringComparison.Ordinal)) return context.Methods.Find(line[k]["--method=".Length..]);
            if (line[k] == "--method" && k + 1 < line.Count) return context.Methods.Find(line[k + 1]);
        }

        return line.Select(context.Models.Find).OfType<(NewsletterSystem System, ModelVariant Variant)>().Select(found => context.Methods.DefaultFor(found.Variant)).FirstOrDefault(found => found != ClassifierMethod.Plain);
    }
}
