namespace Sconce.Weights;

/// <summary>The pickle machine's stack, marks and memo, with their limits.</summary>
internal sealed class PickleStack(int maxNodes)
{
    readonly List<object?> values = [];
    readonly List<int> marks = [];
    readonly Dictionary<uint, object?> memo = [];
    long pushed;

    /// <summary>A fault of the machine, to which the reader adds the file and the place.</summary>
    public sealed class PickleStackException(string fault) : Exception(fault);

    public int MemoCount => memo.Count;

    int Fence => marks.Count > 0 ? marks[^1] : 0;

    public void Push(object? value)
    {
        if (++pushed > maxNodes)
            throw new PickleStackException($"more than {maxNodes} values. {CheckpointFile.TooMuch}");
        values.Add(value);
    }

    public object? Pop()
    {
        var value = Peek();
        values.RemoveAt(values.Count - 1);
        return value;
    }

    public object? Peek() => values.Count > Fence
        ? values[^1] : throw new PickleStackException($"an instruction takes a value that is not there. {CheckpointFile.Damaged}");

    public void Mark()
    {
        if (marks.Count >= maxNodes / 8)
            throw new PickleStackException($"more than {maxNodes / 8} open containers. {CheckpointFile.TooMuch}");
        marks.Add(values.Count);
    }

    /// <summary>Everything above the last mark.</summary>
    public object?[] PopToMark()
    {
        if (marks.Count == 0)
            throw new PickleStackException($"an instruction takes values since a mark that is not there. {CheckpointFile.Damaged}");
        var from = marks[^1];
        marks.RemoveAt(marks.Count - 1);
        var popped = values.GetRange(from, values.Count - from).ToArray();
        values.RemoveRange(from, values.Count - from);
        return popped;
    }

    public void Put(uint key)
    {
        // One byte of the file may be one entry here.
        if (memo.Count >= maxNodes && !memo.ContainsKey(key))
            throw new PickleStackException($"more than {maxNodes} values kept for later. {CheckpointFile.TooMuch}");
        memo[key] = Peek();
    }

    public object? Get(uint key) => memo.TryGetValue(key, out var value)
        ? value : throw new PickleStackException($"memo {key} was never set. {CheckpointFile.Damaged}");

    /// <summary>The string nearest to the top, which mostly is the key that the value being built will get.</summary>
    public string? NearestString()
    {
        for (var i = values.Count - 1; i >= Math.Max(0, values.Count - 8); i--)
            if (values[i] is string text)
                return text;
        return null;
    }
}
