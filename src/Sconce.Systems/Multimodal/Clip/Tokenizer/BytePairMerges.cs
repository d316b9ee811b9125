using System.Collections.Concurrent;
using System.Text;
using Sconce.Data;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// Byte-pair encoding of one word: its bytes as symbols, the last one marked as the end, then the known pair of lowest rank merged
/// wherever it stands, until no pair is known (1508.07909 §3.2). O(n log n) for n bytes. Thread-safe.
/// </summary>
sealed class BytePairMerges
{
    const int CachedWords = 1 << 16;
    const int LongestCachedWord = 64;

    readonly Dictionary<long, (int Rank, int Merged)> merges;
    readonly ConcurrentDictionary<string, int[]> cache = new();
    readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> lookup;
    int cached;

    /// <summary>Takes the merges in order of rank; a symbol's id is its place in the vocabulary (bytes, ending bytes, merges).</summary>
    public BytePairMerges(IReadOnlyList<(string Left, string Right)> merges)
    {
        var ids = new Dictionary<string, int>(512 + merges.Count);
        Symbols = new string[512 + merges.Count];
        for (var i = 0; i < 256; i++)
        {
            Symbols[i] = ByteSymbols.CharacterAt(i).ToString();
            Symbols[256 + i] = Symbols[i] + ByteSymbols.WordEnd;
        }
        for (var rank = 0; rank < merges.Count; rank++)
            Symbols[512 + rank] = merges[rank].Left + merges[rank].Right;
        for (var id = 0; id < Symbols.Length; id++)
            ids[Symbols[id]] = id;

        this.merges = new(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
            this.merges[Key(IdOf(merges[rank].Left), IdOf(merges[rank].Right))] = (rank, ids[Symbols[512 + rank]]);
        lookup = cache.GetAlternateLookup<ReadOnlySpan<char>>();

        int IdOf(string symbol) => ids.TryGetValue(symbol, out var id)
            ? id
            : throw new InvalidDataException($"A merge names the symbol \"{symbol}\", which no byte and no other merge makes.");
    }

    /// <summary>The symbols by id, without the special tokens.</summary>
    public string[] Symbols { get; }

    /// <summary>Appends the ids of one word, which is not empty.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> output)
    {
        if (lookup.TryGetValue(word, out var ids))
        {
            output.AddRange(ids);
            return;
        }
        ids = Merge(Encoding.UTF8.GetBytes(word.ToString()));
        output.AddRange(ids);
        if (word.Length > LongestCachedWord)
            return;
        if (Interlocked.Increment(ref cached) > CachedWords)
        {
            cache.Clear();
            Interlocked.Exchange(ref cached, 1);
        }
        cache[word.ToString()] = ids;
    }

    /// <summary>
    /// Appends the ids of one word with some of its merges left out (BPE dropout, 1910.13267 §3): again and again each pair that could be
    /// merged is passed over with a probability, and of the others the one of lowest rank is merged; where none is left, the word is done.
    /// </summary>
    /// <param name="word">Not empty.</param>
    /// <param name="share">The probability, 0 to 1: 0 gives what <see cref="Encode"/> gives, 1 single bytes.</param>
    /// <param name="random">Draws one number for each pair that is asked about.</param>
    /// <param name="output">Gets them.</param>
    public void EncodeDropped(ReadOnlySpan<char> word, double share, ref AugmentationRandom random, List<int> output)
    {
        List<int> ids = [.. Bytes(Encoding.UTF8.GetBytes(word.ToString()))];
        while (true)
        {
            (int Rank, int Merged, int Place)? best = null;
            for (var place = 0; place + 1 < ids.Count; place++)
            {
                if (!merges.TryGetValue(Key(ids[place], ids[place + 1]), out var merge) || random.Chance(share))
                    continue;
                if (best is null || merge.Rank < best.Value.Rank)
                    best = (merge.Rank, merge.Merged, place);
            }
            if (best is not { } found)
                break;
            ids[found.Place] = found.Merged;
            ids.RemoveAt(found.Place + 1);
        }
        output.AddRange(ids);
    }

    static int[] Bytes(byte[] bytes)
    {
        var ids = new int[bytes.Length];
        for (var i = 0; i < bytes.Length; i++)
            ids[i] = ByteSymbols.IndexOf(bytes[i]);
        ids[^1] += 256;
        return ids;
    }

    int[] Merge(byte[] bytes)
    {
        var ids = Bytes(bytes);
        if (ids.Length == 1)
            return ids;
        new Chain(ids, merges).MergeAll();
        return Array.FindAll(ids, id => id >= 0);
    }

    static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    /// <summary>A word's symbols as a linked list over an array, and the pairs that can be merged by rank, then place.</summary>
    readonly ref struct Chain
    {
        readonly int[] ids; // -1 where a symbol went into its left neighbour
        readonly int[] previous;
        readonly int[] next;
        readonly Dictionary<long, (int Rank, int Merged)> merges;
        readonly PriorityQueue<(int Place, long Pair), long> queue;

        public Chain(int[] ids, Dictionary<long, (int Rank, int Merged)> merges)
        {
            this.ids = ids;
            this.merges = merges;
            previous = new int[ids.Length];
            next = new int[ids.Length];
            queue = new(ids.Length);
            for (var i = 0; i < ids.Length; i++)
                (previous[i], next[i]) = (i - 1, i + 1);
            for (var i = 0; i < ids.Length; i++)
                Offer(i);
        }

        public void MergeAll()
        {
            var places = new List<(int Place, long Pair)>();
            while (queue.TryDequeue(out var candidate, out var priority))
            {
                // One rank at a time, from left to right, before the pairs that this makes are considered.
                var rank = priority >> 32;
                places.Clear();
                places.Add(candidate);
                while (queue.TryPeek(out _, out var other) && other >> 32 == rank)
                    places.Add(queue.Dequeue());
                foreach (var (place, pair) in places)
                    MergeAt(place, pair);
                foreach (var (place, _) in places)
                {
                    if (ids[place] < 0)
                        continue;
                    if (previous[place] >= 0)
                        Offer(previous[place]);
                    Offer(place);
                }
            }
        }

        void MergeAt(int place, long pair)
        {
            var right = next[place];
            if (ids[place] < 0 || right >= ids.Length || Key(ids[place], ids[right]) != pair)
                return;
            ids[place] = merges[pair].Merged;
            ids[right] = -1;
            next[place] = next[right];
            if (next[right] < ids.Length)
                previous[next[right]] = place;
        }

        void Offer(int place)
        {
            var right = next[place];
            if (right >= ids.Length)
                return;
            var pair = Key(ids[place], ids[right]);
            if (merges.TryGetValue(pair, out var merge))
                queue.Enqueue((place, pair), ((long)merge.Rank << 32) | (uint)place);
        }
    }
}
