namespace Sconce.Torch;

/// <summary>
/// A TorchScript module: traced here from what a function calls through the door, or loaded from a file. Tracing follows one
/// run: sizes and branches are as that run had them.
/// </summary>
public sealed unsafe class ScriptModule : IDisposable
{
    private const int MaxOutputs = 256;

    private nint handle;

    private ScriptModule(nint handle) => this.handle = handle;

    /// <summary>The safety net for a module that nobody disposed.</summary>
    ~ScriptModule() => Free();

    /// <summary>The graph of <c>forward</c>, as libtorch prints it.</summary>
    public string Graph
    {
        get
        {
            string graph = Native.TakeText(Native.sc_module_graph(Handle));
            GC.KeepAlive(this);
            return graph;
        }
    }

    private nint Handle => handle != 0 ? handle : throw new ObjectDisposedException(nameof(ScriptModule));

    /// <summary>Records what <paramref name="function"/> does to <paramref name="examples"/>.</summary>
    /// <param name="function">Called once. Tensors that it uses and did not make become constants; they must not require gradients.</param>
    /// <param name="examples">Inputs of the right shapes.</param>
    /// <exception cref="TorchException">The function calls something that can not be traced.</exception>
    public static ScriptModule Trace(Func<Tensor[], Tensor[]> function, params ReadOnlySpan<Tensor> examples) =>
        new(Tracer.Trace(function, examples));

    /// <summary>
    /// Whether this thread is tracing for an export or for batches of any size. Code that has two ways to the same result takes the one
    /// without loops over the batch and without writes into views.
    /// </summary>
    public static bool IsTracingPortably => Tracer.IsPortable;

    /// <summary>As <see cref="Trace"/>, with <see cref="IsTracingPortably"/> set.</summary>
    public static ScriptModule TracePortably(Func<Tensor[], Tensor[]> function, params ReadOnlySpan<Tensor> examples) =>
        new(Tracer.TracePortably(function, examples));

    /// <summary>
    /// Out of two traces of one function on batches of different sizes, a module for any batch: whole numbers that differ between the
    /// traces are computed from the first input's first size.
    /// </summary>
    /// <param name="one">A trace on <paramref name="batch"/> examples.</param>
    /// <param name="other">The same on <paramref name="otherBatch"/>.</param>
    /// <param name="batch">At least 2: sizes of 1 have ways of their own.</param>
    /// <param name="otherBatch">One more than <paramref name="batch"/>, best.</param>
    /// <exception cref="TorchException">The traces differ in more than whole numbers that grow with the batch; the message says in
    /// what.</exception>
    public static ScriptModule Generalize(ScriptModule one, ScriptModule other, int batch, int otherBatch)
    {
        nint module = Native.sc_module_generalize(one.Handle, other.Handle, batch, otherBatch);
        GC.KeepAlive(one);
        GC.KeepAlive(other);
        return new ScriptModule(Native.Check(module, "any batch"));
    }

    /// <summary>The nodes of the graph, for exporting it. Freeze first, so that the weights are among the constants.</summary>
    /// <param name="examples">Inputs: the graph is run on them once, so that types and sizes are known.</param>
    /// <param name="others">Inputs of another batch, to tell the sizes that depend on it; the same as <paramref name="examples"/> where the
    /// batch is fixed.</param>
    /// <exception cref="TorchException">The graph holds control flow, or does not run on the examples.</exception>
    public TracedGraph Read(ReadOnlySpan<Tensor> examples, ReadOnlySpan<Tensor> others)
    {
        if (examples.Length != others.Length)
            throw new TorchException($"graph: {examples.Length} examples and {others.Length} of another batch");
        using var noGrad = Gradients.Off();
        var first = new HandleList(examples);
        var second = new HandleList(others);
        nint graph;
        fixed (nint* one = first.Span, two = second.Span) graph = Native.sc_graph_open(Handle, one, two);
        first.KeepAlive();
        second.KeepAlive();
        GC.KeepAlive(this);
        return new TracedGraph(Native.Check(graph, "graph"));
    }

    /// <summary>Reads a TorchScript file, made here or by Python's <c>torch.jit.save</c>. Such a file is a program: load only what you
    /// trust.</summary>
    public static ScriptModule Load(string path)
    {
        nint module = Native.sc_module_load(path);
        return module != 0 ? new ScriptModule(module) : throw TorchException.Of("jit.load", $"{path}: {Native.LastError()}");
    }

    /// <summary>The same module with its weights as constants of its graph: copies, which do not change where the weights do.</summary>
    /// <param name="fold">Whether norms are folded into the convolutions before them: faster, and rounded otherwise.</param>
    public ScriptModule Freeze(bool fold = true) => Made(Native.sc_module_freeze(Handle, fold ? 1 : 0), "jit.freeze");

    /// <summary>The same module folded, fused and prepacked for this processor. It runs, but can not be saved.</summary>
    public ScriptModule Optimize() => Made(Native.sc_module_optimize(Handle), "jit.optimize_for_inference");

    /// <summary>Whether the native part was built with oneDNN, which <see cref="Fuse"/> needs; not so against a libtorch that was
    /// downloaded.</summary>
    public static bool CanFuse => Native.sc_can_fuse() != 0;

    /// <summary>
    /// A frozen module whose convolutions and linear layers, with the activations and sums after them, run packed for this processor and
    /// channels last. It takes 32-bit numbers in the processor's memory. It runs, but can not be saved.
    /// </summary>
    /// <exception cref="TorchException">The graph holds no such layer, or <see cref="CanFuse"/> is false.</exception>
    public ScriptModule Fuse()
    {
        byte* left = null;
        var made = Made(Native.sc_module_fuse(Handle, &left), "jit.fuse");
        made.Left = Native.TakeText(left).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return made;
    }

    /// <summary>What <see cref="Fuse"/> left to libtorch's operators and why, a line a reason; empty where nothing, and for other
    /// modules.</summary>
    public IReadOnlyList<string> Left { get; private set; } = [];

    /// <summary>Writes the module; Python reads it with <c>torch.jit.load</c>. Written beside the target, flushed, then renamed.</summary>
    /// <exception cref="IOException">The disk is full, the folder is missing …: what was there stays, and nothing is left beside
    /// it.</exception>
    public void Save(string path)
    {
        string beside = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                Write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    /// <summary>Writes the module's file into <paramref name="stream"/>, from its start to its end.</summary>
    /// <exception cref="IOException">What the stream throws.</exception>
    public void Write(Stream stream)
    {
        WrittenModule.Write(Handle, stream);
        GC.KeepAlive(this);
    }

    /// <summary>Runs the module.</summary>
    /// <param name="inputs">As many as it was traced with.</param>
    /// <returns>Its results, tuples flattened.</returns>
    public Tensor[] Run(params ReadOnlySpan<Tensor> inputs)
    {
        var handles = new HandleList(inputs);
        nint* outputs = stackalloc nint[MaxOutputs];
        int count;
        fixed (nint* given = handles.Span) count = Native.sc_module_run(Handle, given, inputs.Length, outputs, MaxOutputs);
        handles.KeepAlive();
        GC.KeepAlive(this);
        Native.Check(count, "jit.forward");
        var results = new Tensor[count];
        for (int k = 0; k < count; k++) results[k] = Tensor.Own(outputs[k]);
        return results;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private ScriptModule Made(nint module, string operation)
    {
        GC.KeepAlive(this);
        return new ScriptModule(Native.Check(module, operation));
    }

    private void Free()
    {
        nint mine = Interlocked.Exchange(ref handle, 0);
        if (mine != 0) Native.sc_module_free(mine);
    }
}
