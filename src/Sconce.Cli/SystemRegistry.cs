using System.Text.RegularExpressions;
using Sconce.Catalogue;

namespace Sconce.Cli;

/// <summary>Finds systems by name; dashes, underscores and case are alike.</summary>
internal sealed class SystemRegistry(IReadOnlyList<CatalogueSystem> systems)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<CatalogueSystem> All { get; } = systems;

    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => All.Select(system => system.Card.Name);

    /// <summary>The system of that name, or null.</summary>
    public CatalogueSystem? Find(string name) => All.FirstOrDefault(system => Plain(system.Card.Name) == Plain(name));

    /// <summary>The system of that name.</summary>
    /// <exception cref="UsageException">There is none; the message names the nearest.</exception>
    public CatalogueSystem Get(string name) => Find(name)
        ?? throw new UsageException(Sentence($"there is no system '{name}'", NearestNames.Suggest(name, Names),
            "'sconce list' names them all"));

    /// <summary>Whether a name fits a pattern with <c>*</c> and <c>?</c>.</summary>
    public static bool Fits(string name, string pattern) =>
        Regex.IsMatch(Plain(name), "^" + Regex.Escape(Plain(pattern)).Replace("\\*", ".*").Replace("\\?", ".") + "$",
            RegexOptions.CultureInvariant);

    /// <summary>Whether a text is a pattern rather than a name.</summary>
    public static bool IsPattern(string text) => text.AsSpan().ContainsAny('*', '?');

    /// <summary>A fault, a suggestion that may be empty, and where to look.</summary>
    public static string Sentence(string fault, string suggestion, string look) =>
        suggestion.Length > 0 ? $"{fault}. {suggestion}" : $"{fault} ({look})";

    private static string Plain(string name) => name.Replace('-', '_').ToLowerInvariant();
}
