using System.Runtime.CompilerServices;

namespace Sconce.Torch;

/// <summary>
/// Frees the tensors that are made while it is open, but those handed out with <see cref="Keep{T}"/>. A ref struct: it can
/// not be held across an <c>await</c>, because a scope belongs to its thread.
/// </summary>
public readonly ref struct TensorScope : IDisposable
{
    private readonly ScopeFrame frame;
    private readonly long opening;

    /// <summary>Opens a scope inside the innermost one of this thread.</summary>
    public TensorScope()
    {
        frame = ScopeThread.Current.Open();
        opening = ++frame.Openings;
    }

    /// <summary>Tensors that this scope would free now.</summary>
    public int Count => frame.Alive();

    /// <summary>Lets a tensor out: it then belongs to the scope around this one or, where there is none, to whoever holds it.</summary>
    /// <typeparam name="T">A tensor, a tuple or list of them, or an <see cref="ITensorContainer"/>.</typeparam>
    /// <param name="value">What leaves.</param>
    /// <returns>The same value.</returns>
    public T Keep<T>(T value)
    {
        frame.LetOut(value);
        return value;
    }

    /// <summary>Lets a tensor out of every scope: it lives until it is disposed.</summary>
    public T KeepForever<T>(T value)
        where T : Tensor
    {
        value.LeaveScopes();
        return value;
    }

    /// <summary>Frees what was made inside; scopes left open inside are closed too. Twice is once.</summary>
    public void Dispose()
    {
        if (frame is not null && frame.Openings == opening) frame.Close();
    }
}

/// <summary>A result that holds tensors: what a module's call lets out of its scope with it.</summary>
public interface ITensorContainer
{
    /// <summary>The tensors held.</summary>
    IEnumerable<Tensor> Tensors { get; }
}

/// <summary>One open scope of a thread. Frames are reused: a closed one waits for the next scope of the same depth.</summary>
internal sealed class ScopeFrame(ScopeThread thread, ScopeFrame? parent)
{
    private Tensor[] tensors = new Tensor[16];
    private int count;
    private ScopeFrame? spare;

    /// <summary>Tells the scopes apart that one after the other used this frame.</summary>
    internal long Openings;

    internal ScopeFrame? Parent => parent;

    internal ScopeFrame Child() => spare ??= new ScopeFrame(thread, this);

    internal void Add(Tensor tensor)
    {
        if (count == tensors.Length) MakeRoom();
        tensors[count++] = tensor;
    }

    internal int Alive()
    {
        int alive = 0;
        for (int k = 0; k < count; k++)
        {
            if (tensors[k].BelongsTo(this)) alive++;
        }

        return alive;
    }

    internal void LetOut<T>(T value)
    {
        switch (value)
        {
            case null: break;
            case Tensor tensor: LetOut(tensor); break;
            case ITensorContainer container:
                foreach (var tensor in container.Tensors) LetOut(tensor);
                break;
            case IEnumerable<Tensor> list:
                foreach (var tensor in list) LetOut(tensor);
                break;
            case IEnumerable<ITensorContainer> list:
                foreach (var container in list) LetOut(container);
                break;
            case ITuple tuple:
                for (int k = 0; k < tuple.Length; k++) LetOut(tuple[k]);
                break;
            case string or bool or int or long or float or double or Enum: break;
            default:
                throw new InvalidOperationException($"a {value.GetType().Name} leaves a scope, but its tensors are unknown: give a tensor, "
                    + $"a tuple or list of tensors, or implement {nameof(ITensorContainer)}");
        }
    }

    internal void LetOut(Tensor tensor)
    {
        if (!tensor.BelongsTo(this)) return;
        if (parent is null) tensor.LeaveScopes();
        else tensor.MoveTo(parent);
    }

    internal unsafe void Close()
    {
        if (!thread.IsOpen(this)) return;
        for (var inner = thread.Innermost!; !ReferenceEquals(inner, this); inner = inner.Parent!) inner.FreeAll();
        FreeAll();
        thread.Innermost = parent;
    }

    /// <summary>Frees every tensor of this frame, and tells how many those were.</summary>
    internal unsafe int FreeAll()
    {
        int freed = 0;
        const int batch = 64;
        nint* handles = stackalloc nint[batch];
        int waiting = 0;
        for (int k = 0; k < count; k++)
        {
            var tensor = tensors[k];
            tensors[k] = null!;
            if (!tensor.BelongsTo(this)) continue;
            nint handle = tensor.Surrender();
            if (handle == 0) continue;
            freed++;
            handles[waiting++] = handle;
            if (waiting == batch)
            {
                Native.sc_tensor_free(handles, waiting);
                waiting = 0;
            }
        }

        if (waiting > 0) Native.sc_tensor_free(handles, waiting);
        count = 0;
        return freed;
    }

    /// <summary>Drops the entries of tensors that are gone already, or doubles the room.</summary>
    private void MakeRoom()
    {
        int kept = 0;
        for (int k = 0; k < count; k++)
        {
            if (tensors[k].BelongsTo(this)) tensors[kept++] = tensors[k];
        }

        Array.Clear(tensors, kept, count - kept);
        count = kept;
        if (kept > tensors.Length / 2) Array.Resize(ref tensors, tensors.Length * 2);
    }
}

/// <summary>What one thread knows of its scopes and of the tensors that it made and freed.</summary>
internal sealed class ScopeThread
{
    [ThreadStatic]
    private static ScopeThread? current;

    private readonly ScopeFrame outermost;

    private ScopeThread()
    {
        outermost = new ScopeFrame(this, null);
        TensorDiagnostics.Register(this);
    }

    /// <summary>The thread ended and nobody holds a tensor of its scopes: what a scope left open still has is freed here.</summary>
    ~ScopeThread()
    {
        int freed = 0;
        for (var frame = Innermost; frame is not null; frame = frame.Parent) freed += frame.FreeAll();
        TensorDiagnostics.Unregister(this, freed);
    }

    internal static ScopeThread Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => current ?? Create();
    }

    internal ScopeFrame? Innermost { get; set; }

    /// <summary>Tensors made less tensors freed by this thread.</summary>
    internal long Balance;

    internal ScopeFrame Open() => Innermost = Innermost?.Child() ?? outermost;

    internal bool IsOpen(ScopeFrame frame)
    {
        for (var open = Innermost; open is not null; open = open.Parent)
        {
            if (ReferenceEquals(open, frame)) return true;
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ScopeThread Create() => current = new ScopeThread();
}
