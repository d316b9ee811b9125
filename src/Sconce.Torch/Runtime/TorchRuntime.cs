using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <summary>The libtorch in use: version, threads, devices, seeds.</summary>
public static unsafe class TorchRuntime
{
    /// <summary>Its version, such as <c>1.13.1</c>.</summary>
    public static string Version => Marshal.PtrToStringUTF8((nint)Native.sc_version())!;

    /// <summary>How it was built: compilers, BLAS, instruction sets, threads.</summary>
    public static string BuildSettings => Native.TakeText(Native.sc_build_settings());

    /// <summary>Threads that one operator may use.</summary>
    public static int Threads
    {
        get => Native.sc_threads();
        set => Native.Check(Native.sc_set_threads(value), "set_num_threads");
    }

    /// <summary>NVIDIA GPUs that this libtorch can use; 0 for a build without CUDA.</summary>
    public static int CudaDevices => Native.sc_cuda_devices();

    /// <summary>A GPU where there is one, else the processor.</summary>
    public static Device BestDevice => CudaDevices > 0 ? Device.Cuda() : Device.Cpu;

    /// <summary>The schemas of every operator of this libtorch, one a line, as it prints them.</summary>
    public static string[] Schemas() => Native.TakeText(Native.sc_schemas()).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Seeds the default generators of the processor and of every GPU.</summary>
    public static void ManualSeed(ulong seed)
    {
        using (var cpu = Generator.Default()) cpu.Seed(seed);
        for (int k = 0; k < CudaDevices; k++)
        {
            using var gpu = Generator.Default(Device.Cuda(k));
            gpu.Seed(seed);
        }
    }

    /// <summary>Refuses operators whose results vary from run to run.</summary>
    public static void UseDeterministicAlgorithms(bool on) =>
        Native.Check(Native.sc_set_deterministic(on ? 1 : 0), "use_deterministic_algorithms");

    /// <summary>
    /// Whether large 3x3 convolutions on the processor, their gradients and those of compiled networks may be computed by Winograd's
    /// filtering (the default): about twice as fast as direct sums, its errors some four times as large, and none of it taken for inputs,
    /// weights or gradients that hold an infinity or no number, or whose largest number is more than 256 times their root mean square. The
    /// environment variable <c>SCONCE_WINOGRAD=off</c> starts with it switched off. For the whole process.
    /// </summary>
    public static bool Winograd
    {
        get => Native.sc_winograd() != 0;
        set => _ = Native.sc_set_winograd(value ? 1 : 0);
    }

    /// <summary>Treats numbers too small for full precision as zero (faster on most processors). Gives whether the processor can.</summary>
    public static bool FlushDenormals(bool on) => Native.sc_set_flush_denormal(on ? 1 : 0) != 0;

    /// <summary>Waits until a GPU has done what it was told.</summary>
    public static void Synchronize(Device device)
    {
        if (device.Type == DeviceType.Cuda) Native.Check(Native.sc_cuda_synchronize(device.Index), "synchronize");
    }

    /// <summary>Gives memory that the allocator keeps for reuse back to the system.</summary>
    public static void ReleaseFreedMemory() => Native.sc_release_freed_memory();
}

/// <summary>Counts the bytes that this thread's operators allocate on the processor while it is open. Several may be open at
/// once.</summary>
public sealed unsafe class MemoryWatch : IDisposable
{
    private nint watching = Native.Check(Native.sc_memory_watch(), "memory watch");

    /// <summary>The safety net for a watch that nobody disposed.</summary>
    ~MemoryWatch() => Free();

    /// <summary>Bytes allocated less bytes freed since the watch began, and the most that this ever was.</summary>
    public (long Live, long Peak) Read()
    {
        long live, peak;
        Native.sc_memory_read(watching != 0 ? watching : throw new ObjectDisposedException(nameof(MemoryWatch)), &live, &peak);
        GC.KeepAlive(this);
        return (live, peak);
    }

    /// <summary>Ends the watch, in any order and on any thread. Twice is once.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        nint mine = Interlocked.Exchange(ref watching, 0);
        if (mine != 0) Native.sc_memory_unwatch(mine);
    }
}
