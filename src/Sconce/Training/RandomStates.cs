using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>The states of libtorch's own generators, of each device one.</summary>
internal sealed class RandomStates : IDisposable
{
    private readonly List<(Device Device, byte[] State)> states = [];

    /// <summary>Takes them; disposing puts them back.</summary>
    public RandomStates()
    {
        foreach (var (_, device) in Generators())
        {
            using var generator = Generator.Default(device);
            states.Add((device, generator.State));
        }
    }

    /// <summary>Puts the states back.</summary>
    public void Dispose()
    {
        foreach (var (device, state) in states)
        {
            using var generator = Generator.Default(device);
            generator.State = state;
        }
    }

    /// <summary>Does work in a scope of its own. Random numbers that were drawn before a cancellation were not drawn.</summary>
    public static void UndrawnIfCancelled(Action work)
    {
        var before = new RandomStates();
        try
        {
            using var scope = new TensorScope();
            work();
        }
        catch (OperationCanceledException)
        {
            before.Dispose();
            throw;
        }
    }

    /// <summary>As a checkpoint holds them.</summary>
    public static SavedState Save()
    {
        var state = new SavedState();
        foreach (var (name, device) in Generators())
        {
            using var generator = Generator.Default(device);
            state.Set(name, generator);
        }

        return state;
    }

    /// <summary>From a checkpoint; devices that it does not know are left.</summary>
    public static void Restore(SavedState state)
    {
        foreach (var (name, device) in Generators())
        {
            if (!state.Has(name)) continue;
            using var generator = Generator.Default(device);
            state.Restore(name, generator);
        }
    }

    private static IEnumerable<(string Name, Device Device)> Generators() =>
        [("cpu", Device.Cpu), .. Enumerable.Range(0, TorchRuntime.CudaDevices).Select(k => ($"cuda:{k}", Device.Cuda(k)))];
}
