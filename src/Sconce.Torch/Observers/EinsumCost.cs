namespace Sconce.Torch;

/// <summary>The multiply-adds of an einsum: its operands contracted two at a time from the left, as libtorch does without a path.</summary>
internal static class EinsumCost
{
    internal static long MultiplyAdds(in OperatorCall call)
    {
        string equation = call.Arguments[0].ToText().Replace(" ", "", StringComparison.Ordinal);
        var operands = call.Arguments[1];
        string[] sides = equation.Split("->");
        string[] labels = sides[0].Split(',');
        if (labels.Length != operands.Count) return 0;
        var sizes = new Dictionary<char, long>();
        var sets = new HashSet<char>[labels.Length];
        for (int k = 0; k < labels.Length; k++) sets[k] = Label(labels[k], OperatorCall.ShapeOf(operands, k), sizes);
        var output = sides.Length > 1
            ? [.. sides[1].Where(char.IsLetter), .. sizes.Keys.Where(char.IsDigit)]
            : sizes.Keys.Where(label => char.IsDigit(label) || sides[0].Count(c => c == label) == 1).ToHashSet();

        long sum = 0;
        var current = sets[0];
        for (int k = 1; k < sets.Length; k++)
        {
            current = [.. current, .. sets[k]];
            sum += current.Aggregate(1L, (product, label) => product * sizes[label]);
            current.RemoveWhere(label => !output.Contains(label) && !sets.Skip(k + 1).Any(later => later.Contains(label)));
        }

        return sum;
    }

    /// <summary>The labels of one operand; an ellipsis's dimensions become '0', '1', … counted from the last.</summary>
    private static HashSet<char> Label(string labels, ReadOnlySpan<long> shape, Dictionary<char, long> sizes)
    {
        var set = new HashSet<char>();
        int hidden = shape.Length - labels.Count(char.IsLetter);
        int dimension = 0;
        for (int k = 0; k < labels.Length; k++)
        {
            if (labels[k] == '.')
            {
                for (int h = 0; h < hidden; h++) Set((char)('0' + hidden - 1 - h), shape[dimension++], set, sizes);
                k += 2;
                continue;
            }

            Set(labels[k], shape[dimension++], set, sizes);
        }

        return set;
    }

    private static void Set(char label, long size, HashSet<char> set, Dictionary<char, long> sizes)
    {
        set.Add(label);
        sizes[label] = Math.Max(size, sizes.GetValueOrDefault(label, 1));
    }
}
