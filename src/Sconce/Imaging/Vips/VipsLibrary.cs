using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sconce.Imaging.Vips;

/// <summary>Starts libvips on first use: one thread a decode, no operation cache, nothing printed.</summary>
internal static unsafe class VipsLibrary
{
    private static readonly Lock Gate = new();
    private static volatile bool ready;

    /// <summary>libvips appends to one error text for the whole process; see <see cref="Alone{T}"/>.</summary>
    private static readonly ReaderWriterLockSlim ErrorGate = new();

    internal static void EnsureStarted()
    {
        if (ready)
            return;
        lock (Gate)
        {
            if (ready)
                return;
            Start(Initialise);
            ready = true;
        }
    }

    /// <summary>Runs the initialiser and says what to install where the library is missing.</summary>
    internal static void Start(Action initialise)
    {
        try
        {
            initialise();
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new ImageException($"{VipsNative.LibVips} (libvips 8), which decodes images, is not installed. Run: apt-get install libvips42", e);
        }
        catch (EntryPointNotFoundException e)
        {
            throw new ImageException("The installed libvips is older than 8.14. Install a later one, on Debian: apt-get install libvips42", e);
        }
    }

    private static void Initialise()
    {
        if (VipsNative.Init("sconce") != 0)
            throw new ImageException($"libvips does not start: {TakeError()}");
        VipsNative.CacheSetMax(0);
        VipsNative.ConcurrencySet(1);
        const uint everyLevel = ~3u;    // G_LOG_LEVEL_MASK: all but the two flag bits
        VipsNative.LogSetHandler("VIPS", everyLevel, &Quiet, 0);
    }

    /// <summary>
    /// Runs <paramref name="work"/> beside others. Where libvips fails, runs it again with nobody else inside, so that the error text read
    /// is this work's own and not that of another thread's file.
    /// </summary>
    internal static T Alone<T>(Func<T> work)
    {
        EnsureStarted();
        ErrorGate.EnterReadLock();
        try
        {
            return work();
        }
        catch (VipsException)
        {
        }
        finally
        {
            ErrorGate.ExitReadLock();
        }
        ErrorGate.EnterWriteLock();
        try
        {
            VipsNative.ErrorClear();
            return work();
        }
        finally
        {
            VipsNative.ErrorClear();
            ErrorGate.ExitWriteLock();
        }
    }

    /// <summary>The error text so far, on one line, without repetitions; clears it.</summary>
    internal static string TakeError()
    {
        var text = VipsNative.ErrorBufferCopy();
        var lines = (Marshal.PtrToStringUTF8(text) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        VipsNative.Free((void*)text);
        return lines.Length == 0 ? "libvips gives no reason" : string.Join("; ", lines.Distinct().Take(4));
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Quiet(nint domain, uint level, nint message, nint data)
    {
        // Warnings of damaged files go to no terminal: what matters comes back as an error (fail_on).
    }
}

/// <summary>libvips refused an operation; the caller turns this into an <see cref="ImageException"/> with the file's name.</summary>
internal sealed class VipsException(string message) : Exception(message);
