namespace Sconce.Torch;

/// <summary>One place in <c>x[…]</c>: a number, a range, a tensor of indices or a mask, an ellipsis, a new axis, a stepped slice.</summary>
public readonly struct TensorIndex
{
    private TensorIndex(Kind what, long start = 0, long stop = 0, long step = 1, Tensor? tensor = null)
    {
        What = what;
        Start = start;
        Stop = stop;
        Step = step;
        Tensor = tensor;
    }

    internal enum Kind
    {
        Integer,
        Slice,
        Tensor,
        Ellipsis,
        NewAxis,
    }

    internal Kind What { get; }

    internal long Start { get; }

    internal long Stop { get; }

    internal long Step { get; }

    internal Tensor? Tensor { get; }

    /// <summary>As many whole dimensions as are left.</summary>
    public static TensorIndex Ellipsis => new(Kind.Ellipsis);

    /// <summary>A new dimension of size one.</summary>
    public static TensorIndex NewAxis => new(Kind.NewAxis);

    /// <summary>Every <paramref name="step"/>-th element of a range, as Python's <c>start:stop:step</c>.</summary>
    /// <param name="start">The first; the beginning where null, from the end where negative.</param>
    /// <param name="stop">The end, which is not part of it; the last one and beyond where null.</param>
    /// <param name="step">One or more.</param>
    public static TensorIndex Slice(long? start = null, long? stop = null, long step = 1) =>
        step >= 1 ? new(Kind.Slice, start ?? 0, stop ?? long.MaxValue, step)
        : throw new ArgumentOutOfRangeException(nameof(step), step, "a slice's step is one or more: flip the tensor for a step backwards");

    /// <summary>One element; negative ones count from the last.</summary>
    public static implicit operator TensorIndex(int index) => new(Kind.Integer, index);

    /// <summary>One element; negative ones count from the last.</summary>
    public static implicit operator TensorIndex(long index) => new(Kind.Integer, index);

    /// <summary>One element, <c>^1</c> being the last.</summary>
    public static implicit operator TensorIndex(Index index) => new(Kind.Integer, index.IsFromEnd ? -index.Value : index.Value);

    /// <summary>A range; <c>..</c> is the whole dimension.</summary>
    public static implicit operator TensorIndex(Range range) => new(Kind.Slice, From(range.Start), To(range.End));

    /// <summary>Indices to gather, or a mask.</summary>
    public static implicit operator TensorIndex(Tensor tensor) => new(Kind.Tensor, tensor: tensor);

    private static long From(Index index) => index.IsFromEnd ? (index.Value == 0 ? long.MaxValue : -index.Value) : index.Value;

    private static long To(Index index) => index.IsFromEnd ? (index.Value == 0 ? long.MaxValue : -index.Value) : index.Value;
}

/// <content>Indexing as PyTorch does it.</content>
public partial class Tensor
{
    /// <summary>
    /// A view of (or, with tensors among the indices, a gathered copy from) this tensor: <c>x[.., 0]</c>, <c>x[1..^1]</c>,
    /// <c>x[mask]</c>, <c>x[TensorIndex.Ellipsis, ids]</c>. Setting writes into this tensor's memory.
    /// </summary>
    [System.Runtime.CompilerServices.IndexerName("At")]
    public Tensor this[params ReadOnlySpan<TensorIndex> indices]
    {
        get
        {
            var view = View(indices, out var gathers);
            if (gathers is null) return view;
            var gathered = view.Index(gathers);
            if (!ReferenceEquals(view, this)) view.Dispose();
            return gathered;
        }

        set
        {
            using var scope = new TensorScope();
            var view = View(indices, out var gathers);
            while (value.Dimensions > view.Dimensions && value.Size(0) == 1) value = value.Select(0, 0);
            if (gathers is null) view.CopyInPlace(value);
            else view.IndexPutInPlace(gathers, value);
        }
    }

    /// <summary>Fills the indexed part with one number.</summary>
    public void FillInPlace(Scalar value, TensorIndex first, params ReadOnlySpan<TensorIndex> others)
    {
        using var scope = new TensorScope();
        var view = View([first, .. others], out var gathers);
        if (gathers is null) view.FillInPlace(value);
        else view.IndexPutInPlace(gathers, Full([], value, DType, device: Device));
    }

    private Tensor View(ReadOnlySpan<TensorIndex> indices, out Tensor?[]? gathers)
    {
        int consumed = 0;
        bool ellipsis = false;
        foreach (var index in indices)
        {
            if (index.What == TensorIndex.Kind.Tensor)
                consumed += index.Tensor!.DType is DType.Bool or DType.UInt8 ? index.Tensor.Dimensions : 1;
            else if (index.What is TensorIndex.Kind.Integer or TensorIndex.Kind.Slice) consumed++;
            else if (index.What == TensorIndex.Kind.Ellipsis && ellipsis)
                throw new TorchException("index: only one ellipsis has a meaning");
            else ellipsis |= index.What == TensorIndex.Kind.Ellipsis;
        }

        if (consumed > Dimensions)
            throw new TorchException($"index: {consumed} indices for a tensor of {Dimensions} dimensions, "
                + $"[{string.Join(", ", Shape.ToArray())}]");
        var view = this;
        int dimension = 0;
        gathers = null;
        foreach (var index in indices)
        {
            switch (index.What)
            {
                case TensorIndex.Kind.Integer: Step(ref view, view.Select(dimension, index.Start)); break;
                case TensorIndex.Kind.Slice:
                    if (index.Start != 0 || index.Stop != long.MaxValue || index.Step != 1)
                        Step(ref view, view.Slice(dimension, index.Start, index.Stop, index.Step));
                    dimension++;
                    break;
                case TensorIndex.Kind.Ellipsis: dimension += Dimensions - consumed; break;
                case TensorIndex.Kind.NewAxis: Step(ref view, view.Unsqueeze(dimension++)); break;
                default:
                    gathers ??= new Tensor?[indices.Length + Dimensions];
                    gathers[dimension] = index.Tensor;
                    if (index.Tensor!.DType is not (DType.Bool or DType.UInt8)) dimension++;
                    else if (index.Tensor.Dimensions > 0) dimension += index.Tensor.Dimensions;
                    else
                    {
                        // One truth value takes all, or nothing, of a new dimension.
                        gathers[dimension] = index.Tensor.Reshape([1]);
                        Step(ref view, view.Unsqueeze(dimension++));
                    }

                    break;
            }
        }

        if (gathers is not null) gathers = Compact(gathers, view.Dimensions);
        return ReferenceEquals(view, this) && gathers is null ? Share() : view;
    }

    /// <summary>A view on the way to the one that is asked for is of no further use.</summary>
    private void Step(ref Tensor view, Tensor next)
    {
        if (!ReferenceEquals(view, this)) view.Dispose();
        view = next;
    }

    /// <summary>A mask of several dimensions fills one place of libtorch's list but stands for that many dimensions.</summary>
    private static Tensor?[] Compact(Tensor?[] gathers, int dimensions)
    {
        var list = new List<Tensor?>();
        for (int k = 0; k < dimensions;)
        {
            var gather = gathers[k];
            list.Add(gather);
            k += gather is { DType: DType.Bool or DType.UInt8 } ? Math.Max(1, gather.Dimensions) : 1;
        }

        while (list.Count > 0 && list[^1] is null) list.RemoveAt(list.Count - 1);
        return [.. list];
    }
}
