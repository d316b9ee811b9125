namespace Sconce.Abilities;

/// <summary>
/// The one rule by which a question chooses among several abilities of one verb (<see cref="Ability.AskedBy"/>), on a command line as over
/// HTTP: those that it asks for by their settings, else those that need no such word. Where all of them have the same word there is nothing
/// to choose, and it need not be said; only a plain no to it asks for none.
/// </summary>
public static class AbilityChoice
{
    /// <summary>The abilities that are asked; none where several words are theirs and none was said.</summary>
    /// <param name="all">Of one verb.</param>
    /// <param name="textOf">What was said of a setting, as it is typed; null for nothing.</param>
    public static IReadOnlyList<Ability> Of(IReadOnlyList<Ability> all, Func<string, string?> textOf)
    {
        ArgumentNullException.ThrowIfNull(all);
        ArgumentNullException.ThrowIfNull(textOf);
        List<Ability> named = [.. all.Where(ability => ability.AskedBy is { } word && IsSaid(textOf(word)))];
        if (named.Count > 0) return named;
        if (all.Select(ability => ability.AskedBy).Distinct().Count() == 1 && all[0].AskedBy is { } lone && textOf(lone) != "false") return all;
        return [.. all.Where(ability => ability.AskedBy is null)];
    }

    /// <summary>The words by which they are asked, for a fault where none was said.</summary>
    /// <param name="all">Of one verb.</param>
    public static IReadOnlyList<string> Words(IEnumerable<Ability> all) =>
        [.. all.Select(ability => ability.AskedBy).OfType<string>().Distinct()];

    /// <summary>Whether a setting was said, and not as a plain no.</summary>
    public static bool IsSaid(string? text) => text is not (null or "" or "false");
}
