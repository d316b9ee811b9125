using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>
/// A network or a part of one. Its get-only properties of type <see cref="Parameter"/>, <see cref="Buffer"/> and
/// <see cref="Module"/> are its members; a generator writes <see cref="VisitMembers"/>, so that every member has the key that
/// official checkpoints give it.
/// </summary>
public abstract class Module : IDisposable
{
    private bool disposed;
    private int owners = 1;

    /// <summary>A module of a class whose members are known.</summary>
    /// <exception cref="InvalidOperationException">The class holds members that it does not show: its project lacks the
    /// generator.</exception>
    protected Module() => TraversedClasses.Verify(GetType());

    /// <summary>Whether the module learns: dropout drops, batch norms count. New modules do.</summary>
    public bool Training { get; private set; } = true;

    /// <summary>Own parameters and children's, each once, under dotted names, in the order of PyTorch's state dict.</summary>
    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters()
    {
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var entry in StateDict(includeNotSaved: true))
        {
            if (entry.Tensor is Parameter parameter && seen.Add(parameter)) yield return (entry.Name, parameter);
        }
    }

    /// <summary>Own parameters and children's, each once.</summary>
    public IEnumerable<Parameter> Parameters() => NamedParameters().Select(named => named.Parameter);

    /// <summary>Own buffers and children's under dotted names, those that are not saved too.</summary>
    public IEnumerable<(string Name, Buffer Buffer)> NamedBuffers() =>
        StateDict(includeNotSaved: true).Where(entry => entry.Tensor is Buffer).Select(entry => (entry.Name, (Buffer)entry.Tensor));

    /// <summary>This module under the empty name and all below it, under dotted names.</summary>
    public IEnumerable<(string Name, Module Module)> NamedModules() => ModuleTree.Modules(this);

    /// <summary>The direct children under their keys.</summary>
    public IEnumerable<(string Key, Module Module)> Children() => ModuleTree.Members(this).Children;

    /// <summary>The module of that dotted name; the empty name is this one.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message names the nearest.</exception>
    public Module this[string name] => ModuleTree.Find(this, name);

    /// <summary>Parameters and saved buffers under the names that PyTorch's state dict gives them; tensors that two places share come
    /// twice.</summary>
    public IReadOnlyList<StateEntry> StateDict() => StateDict(includeNotSaved: false);

    /// <summary>Switches this module and all below it between learning and answering.</summary>
    public virtual void Train(bool on = true)
    {
        Training = on;
        foreach (var (_, child) in Children()) child.Train(on);
    }

    /// <summary>Switches to answering: no dropout, running statistics.</summary>
    public void Eval() => Train(false);

    /// <summary>Asks for gradients of every parameter, or for none.</summary>
    public void RequireGrad(bool on = true)
    {
        foreach (var parameter in Parameters()) parameter.RequiresGrad = on;
    }

    /// <summary>Forgets the gradients of every parameter.</summary>
    public void ZeroGrad()
    {
        foreach (var parameter in Parameters()) parameter.Grad = null;
    }

    /// <summary>Moves parameters and buffers to a device.</summary>
    public void To(Device device) => Convert(tensor => tensor.To(device));

    /// <summary>Converts floating-point parameters and buffers to another precision; integers stay.</summary>
    public void To(DType dtype) => Convert(tensor => tensor.DType.IsFloatingPoint() ? tensor.To(dtype) : tensor);

    /// <summary>Lays four-dimensional parameters out with channels innermost, or back.</summary>
    public void To(MemoryFormat format) => Convert(tensor => tensor.Dimensions == 4 ? tensor.Contiguous(format) : tensor);

    /// <summary>The number of trainable numbers.</summary>
    public long ParameterCount => Parameters().Sum(parameter => parameter.Elements);

    /// <summary>Gives it one owner more: it is freed when each has disposed it once.</summary>
    public Module Retain()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Interlocked.Increment(ref owners);
        return this;
    }

    /// <summary>
    /// Frees the parameters and buffers of this module and of all below it, where nobody else owns it (<see cref="Retain"/>).
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref owners) > 0) return;
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the module owns; override to free more.</summary>
    /// <param name="disposing">Always true: modules have no finaliser.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposed) return;
        disposed = true;
        var members = ModuleTree.Members(this);
        foreach (var (_, tensor, _) in members.Tensors) tensor.Dispose();
        foreach (var (_, child) in members.Children) child.Dispose();
    }

    /// <summary>Shows every member to <paramref name="visitor"/>; written by the generator.</summary>
    /// <param name="visitor">Whoever wants to see them.</param>
    protected virtual void VisitMembers(IModuleVisitor visitor)
    {
    }

    internal void Accept(IModuleVisitor visitor) => VisitMembers(visitor);

    private List<StateEntry> StateDict(bool includeNotSaved)
    {
        var entries = new List<StateEntry>();
        ModuleTree.Collect(this, "", includeNotSaved, entries);
        return entries;
    }

    private void Convert(Func<Tensor, Tensor> convert)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
        foreach (var entry in StateDict(includeNotSaved: true))
        {
            if (!seen.Add(entry.Tensor)) continue;
            var converted = convert(entry.Tensor);
            if (!ReferenceEquals(converted, entry.Tensor)) entry.Tensor.SetData(converted);
        }
    }
}

/// <summary>One line of a state dict.</summary>
/// <param name="Name">Dotted, as official checkpoints have it.</param>
/// <param name="Tensor">A <see cref="Parameter"/> or a <see cref="Buffer"/>.</param>
public readonly record struct StateEntry(string Name, Tensor Tensor);

/// <summary>Sees the members of one module, in order: parameters, buffers, children.</summary>
public interface IModuleVisitor
{
    /// <summary>A trainable tensor, or null where this configuration has none.</summary>
    void Parameter(string key, Parameter? parameter);

    /// <summary>A tensor that is state but not trained.</summary>
    void Buffer(string key, Buffer? buffer, bool saved);

    /// <summary>A module below, or null where this configuration has none.</summary>
    void Child(string key, Module? child);
}

/// <summary>A trainable tensor. It belongs to no scope; its module frees it.</summary>
public sealed class Parameter : Tensor
{
    /// <summary>Takes <paramref name="source"/> over, which is empty afterwards.</summary>
    /// <param name="source">Floating point.</param>
    /// <param name="requiresGrad">Whether gradients are wanted.</param>
    public Parameter(Tensor source, bool requiresGrad = true)
        : base(source)
    {
        if (requiresGrad) RequiresGrad = true;
    }

    /// <summary>A parameter of that shape whose numbers are not set yet: an initialiser follows.</summary>
    public static Parameter Empty(params ReadOnlySpan<long> shape) => new(Tensor.Empty(shape, DType.Float32));

    /// <summary>A parameter of zeros.</summary>
    public static Parameter Zeros(params ReadOnlySpan<long> shape) => new(Tensor.Zeros(shape, DType.Float32));

    /// <summary>A parameter of ones.</summary>
    public static Parameter Ones(params ReadOnlySpan<long> shape) => new(Tensor.Ones(shape, DType.Float32));

    /// <summary>A parameter of one number.</summary>
    public static Parameter Full(double value, params ReadOnlySpan<long> shape) => new(Tensor.Full(shape, value, DType.Float32));
}

/// <summary>A tensor that is part of a module's state but not trained, such as a running mean. Its module frees it.</summary>
public sealed class Buffer : Tensor
{
    /// <summary>Takes <paramref name="source"/> over, which is empty afterwards.</summary>
    public Buffer(Tensor source)
        : base(source)
    {
    }
}

/// <summary>The key of a module's member where the rule (snake_case of the property's name) does not give it.</summary>
/// <param name="name">The key; it may hold dots and anything else that official names hold.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class KeyAttribute(string name) : Attribute
{
    /// <summary>The key.</summary>
    public string Name { get; } = name;
}

/// <summary>Marks a buffer that checkpoints do not hold (PyTorch's <c>persistent=False</c>).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotSavedAttribute : Attribute;
