using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>A module of one input. <see cref="Call"/> runs <see cref="Forward"/> in a scope of its own and lets only the result
/// out.</summary>
/// <typeparam name="TIn">A tensor, or a record of tensors.</typeparam>
/// <typeparam name="TOut">A tensor, a tuple or list of tensors, or an <see cref="ITensorContainer"/>.</typeparam>
public abstract class Module<TIn, TOut> : Module
{
    /// <summary>The module's answer.</summary>
    public TOut Call(TIn input)
    {
        using var scope = new TensorScope();
        var output = scope.Keep(Forward(input));
        if (ModuleObserver.AnyWatching) ModuleObserver.Tell(this, output);
        return output;
    }

    /// <summary>The computation. What it makes and does not return is freed when it ends.</summary>
    protected abstract TOut Forward(TIn input);
}

/// <summary>A module of two inputs; see <see cref="Module{TIn, TOut}"/>.</summary>
public abstract class Module<TFirst, TSecond, TOut> : Module
{
    /// <summary>The module's answer.</summary>
    public TOut Call(TFirst first, TSecond second)
    {
        using var scope = new TensorScope();
        var output = scope.Keep(Forward(first, second));
        if (ModuleObserver.AnyWatching) ModuleObserver.Tell(this, output);
        return output;
    }

    /// <summary>The computation. What it makes and does not return is freed when it ends.</summary>
    protected abstract TOut Forward(TFirst first, TSecond second);
}

/// <summary>A module of three inputs; see <see cref="Module{TIn, TOut}"/>.</summary>
public abstract class Module<TFirst, TSecond, TThird, TOut> : Module
{
    /// <summary>The module's answer.</summary>
    public TOut Call(TFirst first, TSecond second, TThird third)
    {
        using var scope = new TensorScope();
        var output = scope.Keep(Forward(first, second, third));
        if (ModuleObserver.AnyWatching) ModuleObserver.Tell(this, output);
        return output;
    }

    /// <summary>The computation. What it makes and does not return is freed when it ends.</summary>
    protected abstract TOut Forward(TFirst first, TSecond second, TThird third);
}

/// <summary>Sees the result of every module called on this thread while it watches: for features, statistics, pictures of
/// activations.</summary>
public abstract class ModuleObserver
{
    private static int watching;

    [ThreadStatic]
    private static List<ModuleObserver>? current;

    internal static bool AnyWatching => Volatile.Read(ref watching) != 0;

    /// <summary>A module gave its result. Tensors are borrowed: to keep one, take a copy of the handle with <c>Detach()</c> or clone it,
    /// inside a scope that outlives the call.</summary>
    /// <param name="module">Who.</param>
    /// <param name="output">A tensor, tuple, list or record.</param>
    protected abstract void Called(Module module, object? output);

    /// <summary>Begins to watch on this thread, until the result is disposed on the same thread.</summary>
    public IDisposable Watch()
    {
        (current ??= []).Add(this);
        Interlocked.Increment(ref watching);
        return new Registration(this, current);
    }

    internal static void Tell(Module module, object? output)
    {
        if (current is null) return;
        foreach (var observer in current) observer.Called(module, output);
    }

    private sealed class Registration(ModuleObserver observer, List<ModuleObserver> observers) : IDisposable
    {
        private bool disposed;

        public void Dispose()
        {
            if (disposed) return;
            disposed = true;
            observers.Remove(observer);
            Interlocked.Decrement(ref watching);
        }
    }
}
