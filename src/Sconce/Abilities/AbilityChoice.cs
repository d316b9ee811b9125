namespace Sconce.Abilities;

/// <summary>
/// The one rule by which a question chooses among several abilities of one verb (<see cref="Ability.AskedBy"/>), on a command line as over
/// HTTP: those that it asks for by their settings, else those that need no such word.
/// </summary>
public static class AbilityChoice
{
    /// <summary>The abilities that are asked; none where each needs a word and none was said.</summary>
    /// <param name="all">Of one verb.</param>
    /// <param name="textOf">What was said of a setting, as it is typed; null for nothing.</param>
    public static IReadOnlyList<Ability> Of(IReadOnlyList<Ability> all, Func<string, string?> textOf)
    {
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(textOf);
        List<Ability> named = [.. all.Where(ability => ability.AskedBy is { } word && IsSaid(textOf(word)))];
        return named.Count > 0 ? named : [.. all.Where(ability => ability.AskedBy is null)];
    }

    /// <summary>The words by which they are asked, for a fault where none was said.</summary>
    /// <param name="all">Of one verb.</param>
    public static IReadOnlyList<string> Words(IEnumerable<Ability> all) =>
        [.. all.Select(ability => ability.AskedBy).OfType<string>().Distinct()];

    /// <summary>Whether a setting was said, and not as a plain no.</summary>
    public static bool IsSaid(string? text) => text is not (null or "" or "false");
}
