namespace Sconce.Torch;

/// <summary>A source of random numbers whose state can be saved and restored.</summary>
public sealed class Generator : IDisposable
{
    private nint handle;

    private Generator(nint handle) => this.handle = handle;

    /// <summary>A generator of its own, seeded.</summary>
    /// <param name="seed">Equal seeds give equal numbers on the same device.</param>
    /// <param name="device">The processor where left out.</param>
    public Generator(ulong seed, Device? device = null)
        : this(Native.Check(Native.sc_generator_new((device ?? Device.Cpu).Packed, seed), "generator"))
    {
    }

    /// <summary>The safety net for a generator that nobody disposed.</summary>
    ~Generator() => Free();

    internal nint Handle => handle != 0 ? handle : throw new ObjectDisposedException(nameof(Generator));

    /// <summary>The seed that it was last given.</summary>
    public unsafe ulong CurrentSeed
    {
        get
        {
            ulong seed;
            Native.Check(Native.sc_generator_current_seed(Handle, &seed), "initial_seed");
            GC.KeepAlive(this);
            return seed;
        }
    }

    /// <summary>The whole state, as bytes to keep with a checkpoint.</summary>
    public byte[] State
    {
        get
        {
            using var state = Tensor.Own(Native.Check(Native.sc_generator_state(Handle), "get_state"));
            GC.KeepAlive(this);
            return state.ToArray<byte>();
        }

        set
        {
            using var state = Tensor.From(value);
            Native.Check(Native.sc_generator_set_state(Handle, state.Handle), "set_state");
            GC.KeepAlive(this);
        }
    }

    /// <summary>The generator that operators use when none is named.</summary>
    public static Generator Default(Device? device = null) =>
        new(Native.Check(Native.sc_generator_default((device ?? Device.Cpu).Packed), "default_generator"));

    /// <summary>Begins anew from a seed.</summary>
    public void Seed(ulong seed)
    {
        Native.Check(Native.sc_generator_seed(Handle, seed), "manual_seed");
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        nint mine = Interlocked.Exchange(ref handle, 0);
        if (mine != 0) Native.sc_generator_free(mine);
    }
}
