using System.Runtime.CompilerServices;

namespace Sconce.Torch;

/// <summary>
/// An n-dimensional array in libtorch's memory. Results of operators join the innermost <see cref="TensorScope"/> of their
/// thread, which frees them; a tensor made outside every scope lives until it is disposed.
/// </summary>
public partial class Tensor : IDisposable
{
    private nint handle;
    private object owner;
    private long[]? shape;

    private Tensor(nint handle, object owner)
    {
        this.handle = handle;
        this.owner = owner;
    }

    /// <summary>Takes over <paramref name="source"/>: it is empty afterwards, and this tensor belongs to no scope.</summary>
    protected Tensor(Tensor source)
    {
        handle = source.Handle;
        source.TakeAway();
        owner = new TensorGuard(handle);
    }

    /// <summary>Whether the memory was given back.</summary>
    public bool IsDisposed => handle == 0;

    /// <summary>The sizes of the dimensions; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => shape ??= ReadShape();

    /// <summary>The distances, in elements, between neighbours along each dimension.</summary>
    public unsafe long[] Strides
    {
        get
        {
            var facts = Facts();
            long[] strides = facts.Strides is null
                ? throw new TorchException($"a tensor of layout {Layout} has no strides")
                : new ReadOnlySpan<long>(facts.Strides, facts.Dimensions).ToArray();
            GC.KeepAlive(this);
            return strides;
        }
    }

    /// <summary>The number of dimensions.</summary>
    public int Dimensions => Shape.Length;

    /// <summary>The number of elements.</summary>
    public long Elements => Facts().Elements;

    /// <summary>The element type.</summary>
    public DType DType => (DType)Facts().DType;

    /// <summary>Where the memory lies.</summary>
    public Device Device => Device.FromPacked(Facts().Device);

    /// <summary>How the elements are kept.</summary>
    public Layout Layout => (Layout)Facts().Layout;

    /// <summary>Whether operators on this tensor are recorded for gradients. Setting is for leaves.</summary>
    public bool RequiresGrad
    {
        get => Facts().RequiresGrad != 0;
        set
        {
            Native.Check(Native.sc_requires_grad(Handle, value ? 1 : 0), "requires_grad");
            GC.KeepAlive(this);
        }
    }

    /// <summary>Whether the tensor was made by no recorded operator.</summary>
    public bool IsLeaf => Facts().IsLeaf != 0;

    /// <summary>Whether this is a view of a tensor whose conjugate or negative its elements are: the memory holds something else than the
    /// elements.</summary>
    internal bool IsLazy => Facts().IsLazy != 0;

    /// <summary>How often in-place operators changed the memory; views share the count.</summary>
    public long Version
    {
        get
        {
            long version = Native.sc_tensor_version(Handle);
            GC.KeepAlive(this);
            return version;
        }
    }

    internal nint Handle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            nint mine = handle;
            if (mine == 0) ThrowDisposed();
            return mine;
        }
    }

    /// <summary>The size of one dimension.</summary>
    /// <param name="dimension">Its number; negative ones count from the last.</param>
    public long Size(int dimension)
    {
        var sizes = Shape;
        int index = dimension < 0 ? dimension + sizes.Length : dimension;
        if ((uint)index >= (uint)sizes.Length)
            throw new TorchException($"size: dimension {dimension} of a tensor of shape [{string.Join(", ", sizes.ToArray())}]");
        return sizes[index];
    }

    /// <summary>Whether the elements lie in row-major order without gaps.</summary>
    public unsafe bool IsContiguous
    {
        get
        {
            var facts = Facts();
            long expected = 1;
            for (int k = facts.Dimensions - 1; k >= 0; k--)
            {
                if (facts.Sizes[k] == 1) continue;
                if (facts.Strides is null || (facts.Strides[k] != expected && facts.Elements != 0)) return false;
                expected *= facts.Sizes[k];
            }

            GC.KeepAlive(this);
            return true;
        }
    }

    /// <summary>A second tensor over the same native one that belongs to no scope and lives until it is disposed.</summary>
    public Tensor Hold()
    {
        var second = Share();
        second.LeaveScopes();
        return second;
    }

    /// <summary>A second tensor over the same native one, with a life of its own.</summary>
    internal Tensor Share()
    {
        nint second = Native.sc_tensor_retain(Handle);
        GC.KeepAlive(this);
        return Own(second);
    }

    /// <summary>Makes this tensor hold what <paramref name="source"/> holds, dtype and device included, and stay the same parameter
    /// (<c>t.data = source</c>).</summary>
    public void SetData(Tensor source)
    {
        Native.Check(Native.sc_tensor_set_data(Handle, source.Handle), "set_data");
        GC.KeepAlive(this);
        GC.KeepAlive(source);
        Changed();
    }

    /// <summary>Gives the memory back, if no other tensor shares it and no recorded operator needs it. Twice is once.</summary>
    public unsafe void Dispose()
    {
        nint mine = Interlocked.Exchange(ref handle, 0);
        if (mine == 0) return;
        Native.sc_tensor_free(&mine, 1);
        ScopeThread.Current.Balance--;
        Unguard();
        GC.SuppressFinalize(this);
    }

    /// <summary>Wraps a native reference, which this takes over, and joins the innermost scope.</summary>
    internal static Tensor Own(nint handle)
    {
        var thread = ScopeThread.Current;
        thread.Balance++;
        if (thread.Innermost is { } frame)
        {
            var tensor = new Tensor(handle, frame);
            frame.Add(tensor);
            return tensor;
        }

        return new Tensor(handle, new TensorGuard(handle));
    }

    internal bool BelongsTo(ScopeFrame frame) => ReferenceEquals(owner, frame) && handle != 0;

    internal void MoveTo(ScopeFrame frame)
    {
        Unguard();
        owner = frame;
        frame.Add(this);
    }

    /// <summary>Lets the tensor out of every scope.</summary>
    internal void LeaveScopes()
    {
        if (owner is TensorGuard || handle == 0) return;
        owner = new TensorGuard(handle);
    }

    /// <summary>Gives the native reference to a scope that is closing.</summary>
    internal nint Surrender()
    {
        nint mine = Interlocked.Exchange(ref handle, 0);
        if (mine != 0) ScopeThread.Current.Balance--;
        return mine;
    }

    /// <summary>An operator changed this tensor in place: cached facts may be stale.</summary>
    internal void Changed() => shape = null;

    private void TakeAway()
    {
        handle = 0;
        Unguard();
    }

    private void Unguard()
    {
        (owner as TensorGuard)?.Dispose();
        owner = this;
    }

    private unsafe TensorFacts Facts()
    {
        TensorFacts facts;
        Native.Check(Native.sc_tensor_facts(Handle, &facts), "tensor");
        GC.KeepAlive(this);
        return facts;
    }

    private unsafe long[] ReadShape()
    {
        var facts = Facts();
        long[] sizes = new ReadOnlySpan<long>(facts.Sizes, facts.Dimensions).ToArray();
        GC.KeepAlive(this);
        return sizes;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowDisposed() =>
        throw new ObjectDisposedException(nameof(Tensor),
            "This tensor's memory was given back: its scope ended, or it was disposed. Let it out of its scope with Keep");
}
