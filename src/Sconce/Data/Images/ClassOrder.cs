namespace Sconce.Data;

/// <summary>The order in which classes are numbered: names by code unit, as torchvision's ImageFolder; names that are all whole numbers by
/// value.</summary>
internal static class ClassOrder
{
    /// <summary>Sorts.</summary>
    internal static string[] Of(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return all.Length > 0 && all.All(IsNumber) ? [.. all.OrderBy(name => name, Comparer<string>.Create(ByValue))]
            : [.. all.Order(StringComparer.Ordinal)];
    }

    /// <summary>Says so where the numbers' order is not that of their texts, in which others may have trained.</summary>
    internal static IEnumerable<string> Remarks(string root, IReadOnlyList<string> ordered)
    {
        string[] texts = [.. ordered.Order(StringComparer.Ordinal)];
        if (ordered.SequenceEqual(texts)) return [];
        return [$"{root}: its classes are numbers and stand in the order of their values, {List(ordered)}; weights of a program that "
            + $"sorts them as text ({List(texts)}) would answer otherwise"];
    }

    private static string List(IReadOnlyList<string> names) => string.Join(", ", names.Take(4)) + (names.Count > 4 ? " …" : "");

    private static bool IsNumber(string name) => name.Length > 0 && name.All(char.IsAsciiDigit);

    private static int ByValue(string one, string other)
    {
        string a = one.TrimStart('0'), b = other.TrimStart('0');
        int byLength = a.Length.CompareTo(b.Length);
        int byValue = byLength != 0 ? byLength : string.CompareOrdinal(a, b);
        return byValue != 0 ? byValue : string.CompareOrdinal(one, other);
    }
}
