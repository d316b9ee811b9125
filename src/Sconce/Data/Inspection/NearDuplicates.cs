namespace Sconce.Data;

/// <summary>Finds pictures that look alike among many.</summary>
internal static class NearDuplicates
{
    /// <summary>Groups of two and more, the largest first; every pair is compared.</summary>
    internal static IReadOnlyList<IReadOnlyList<InspectedPicture>> Of(IReadOnlyList<InspectedPicture> pictures)
    {
        InspectedPicture[] one = [.. pictures.DistinctBy(picture => (picture.Mark.Content, picture.Class, picture.Part))];
        int[] first = [.. Enumerable.Range(0, one.Length)];
        for (int k = 0; k < one.Length; k++)
        {
            for (int other = k + 1; other < one.Length; other++)
            {
                bool isCopy = one[k].Mark.Content == one[other].Mark.Content;
                if (!isCopy && one[k].Mark.LooksLike(one[other].Mark)) first[Root(other)] = Root(k);
            }
        }

        return
        [
            .. Enumerable.Range(0, one.Length).GroupBy(Root).Where(group => group.Count() > 1)
                .OrderByDescending(group => group.Count()).ThenBy(group => group.First())
                .Select(group => (IReadOnlyList<InspectedPicture>)[.. group.Select(k => one[k])]),
        ];

        int Root(int k)
        {
            while (first[k] != k) k = first[k] = first[first[k]];
            return k;
        }
    }
}
