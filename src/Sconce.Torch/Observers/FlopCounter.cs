using System.Globalization;

namespace Sconce.Torch;

/// <summary>What the calls of one operator cost together, as <see cref="FlopCounter"/> counts.</summary>
/// <param name="Operator">Its name with the namespace: <c>aten::conv2d</c>.</param>
/// <param name="Calls">How often it was called.</param>
/// <param name="MultiplyAdds">Multiply-adds of its products: convolutions, matrix products, attention.</param>
/// <param name="ElementwiseOperations">Operations that are no part of a product: activations, norms, pooling, sums.</param>
/// <param name="Activations">Elements of the results of convolutions and matrix products.</param>
/// <param name="ResultBytes">Bytes of the results that are no views of an argument.</param>
/// <param name="IsCounted">Whether there is a rule for this operator; views, copies and creations have none and need none.</param>
public sealed record OperatorCost(string Operator, long Calls, long MultiplyAdds, long ElementwiseOperations, long Activations,
    long ResultBytes, bool IsCounted)
{
    /// <summary>Two for each multiply-add, one for each elementwise operation.</summary>
    public long Flops => (2 * MultiplyAdds) + ElementwiseOperations;
}

/// <summary>
/// Counts multiply-adds, elementwise operations and result bytes by operator, from the shapes that pass the door:
/// <c>using (counter.Watch()) model.Call(x);</c>. What papers print as "FLOPs" of a network is <see cref="MultiplyAdds"/>.
/// </summary>
/// <remarks>
/// The conventions are fvcore's (facebookresearch/fvcore, fvcore/nn/jit_handles.py). Products count multiply-adds, bias left out.
/// Counted apart, as elementwise operations: one for each element of an activation or sum; 5 an element of a norm (4 without affine
/// parameters; batch norm with stored statistics 2 and 1); the window's size for each element of a pooled result (adaptive: one an
/// input element); 1, 4, 8, 16 an element interpolated nearest, bilinearly, trilinearly, bicubically; 5 an element of a softmax;
/// <c>5 n log2 n</c> for a complex Fourier transform, half of it for a real one.
/// </remarks>
public sealed class FlopCounter : OperatorObserver
{
    private readonly Dictionary<string, Sum> sums = [];

    /// <summary>Multiply-adds of all products.</summary>
    public long MultiplyAdds => sums.Values.Sum(sum => sum.MultiplyAdds);

    /// <summary>Operations that are no part of a product.</summary>
    public long ElementwiseOperations => sums.Values.Sum(sum => sum.Elementwise);

    /// <summary>Two for each multiply-add, one for each elementwise operation.</summary>
    public long Flops => (2 * MultiplyAdds) + ElementwiseOperations;

    /// <summary>Elements of the results of convolutions and matrix products ("activations" in 2003.13678).</summary>
    public long Activations => sums.Values.Sum(sum => sum.Activations);

    /// <summary>Bytes of the results that are no views: what a forward pass writes.</summary>
    public long ResultBytes => sums.Values.Sum(sum => sum.Bytes);

    /// <summary>Operators that went by.</summary>
    public long Calls => sums.Values.Sum(sum => sum.Calls);

    /// <summary>Each operator's costs, the dearest first.</summary>
    public IReadOnlyList<OperatorCost> ByOperator =>
    [
        .. sums.Select(pair => new OperatorCost(pair.Key, pair.Value.Calls, pair.Value.MultiplyAdds, pair.Value.Elementwise,
            pair.Value.Activations, pair.Value.Bytes, pair.Value.Counted))
            .OrderByDescending(cost => cost.Flops).ThenByDescending(cost => cost.ResultBytes)
            .ThenBy(cost => cost.Operator, StringComparer.Ordinal),
    ];

    /// <summary>Begins again from zero.</summary>
    public void Reset() => sums.Clear();

    /// <summary>A table by operator with a last line of totals, in plain text.</summary>
    /// <param name="rows">At most so many operators.</param>
    public string Table(int rows = int.MaxValue)
    {
        var table = new TextTable("Operator", "Calls", "Multiply-adds", "Elementwise", "FLOPs", "Activations", "Result bytes");
        foreach (var cost in ByOperator.Take(rows))
        {
            table.Add(cost.Operator, Count(cost.Calls), Count(cost.MultiplyAdds), Count(cost.ElementwiseOperations), Count(cost.Flops),
                Count(cost.Activations), Count(cost.ResultBytes));
        }

        return table.ToString("Total", Count(Calls), Count(MultiplyAdds), Count(ElementwiseOperations), Count(Flops), Count(Activations),
            Count(ResultBytes));
    }

    /// <inheritdoc/>
    public override string ToString() => Table();

    /// <inheritdoc/>
    protected internal override void Called(in OperatorCall call)
    {
        string name = OperatorCosts.BaseName(call.Operator.Name);
        if (!sums.TryGetValue(call.Operator.Name, out var sum)) sums.Add(call.Operator.Name, sum = new Sum());
        sum.Calls++;
        sum.Bytes += OperatorCosts.NewBytes(call);
        if (OperatorCosts.RuleFor(name) is not { } rule) return;
        var cost = rule(call);
        sum.Counted = true;
        sum.MultiplyAdds += cost.MultiplyAdds;
        sum.Elementwise += cost.Elementwise;
        if (cost.MultiplyAdds > 0) sum.Activations += OperatorCosts.ResultElements(call);
    }

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private sealed class Sum
    {
        public long Calls;
        public long MultiplyAdds;
        public long Elementwise;
        public long Activations;
        public long Bytes;
        public bool Counted;
    }
}
