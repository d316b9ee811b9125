using System.Runtime.CompilerServices;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>A set of a category's kinds, 0 to 255.</summary>
internal readonly struct KindSet
{
    private readonly Words words;

    private KindSet(Words words) => this.words = words;

    internal bool Contains(int kind) => (words[kind >> 6] >> (kind & 63) & 1) != 0;

    internal KindSet With(int kind)
    {
        var more = words;
        more[kind >> 6] |= 1UL << (kind & 63);
        return new KindSet(more);
    }

    /// <summary>The kinds in it, ascending.</summary>
    internal IEnumerable<int> Kinds => Enumerable.Range(0, 256).Where(Contains);

    internal static KindSet Of(IEnumerable<int> kinds) => kinds.Aggregate(default(KindSet), (set, kind) => set.With(kind));

    [InlineArray(4)]
    private struct Words
    {
        private ulong first;
    }
}
