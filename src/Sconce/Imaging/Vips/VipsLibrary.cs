using NetVips;

namespace Sconce.Imaging.Vips;

/// <summary>Starts libvips on first use: one thread a decode, no operation cache, nothing printed.</summary>
internal static class VipsLibrary
{
    private static readonly Lock Gate = new();
    private static volatile bool ready;

    /// <summary>libvips appends to one error text for the whole process; see <see cref="Alone{T}"/>.</summary>
    private static readonly ReaderWriterLockSlim ErrorGate = new();

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
            return work();
        }
        finally
        {
            ErrorGate.ExitWriteLock();
        }
    }

    /// <summary>What libvips says of a failure, on one line, without repetitions and without the binding's own first line.</summary>
    internal static string Reason(VipsException failure)
    {
        var lines = failure.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Skip(1);
        // AVIF's reader tries where a file ends by seeking, and says so each time.
        var reason = string.Join("; ", lines.Where(line => !line.Contains("bad seek", StringComparison.Ordinal)).Distinct().Take(4));
        return reason.Length == 0 ? "libvips gives no reason" : reason;
    }

    /// <summary>The fault of a machine without the library.</summary>
    internal static ImageException Missing(Exception? cause) =>
        new("libvips, which decodes images, is not there: libvips.so.42 belongs beside the program (NetVips.Native of this platform, "
            + $"from NuGet) or among the system's libraries ({cause?.Message ?? "it does not start"})", cause);

    private static void EnsureStarted()
    {
        if (ready)
            return;
        lock (Gate)
        {
            if (ready)
                return;
            if (!ModuleInitializer.VipsInitialized)
                throw Missing(ModuleInitializer.Exception);
            Cache.Max = 0;
            NetVips.NetVips.Concurrency = 1;
            // Warnings of damaged files go to no terminal: what matters comes back as an error (fail_on).
            Log.SetLogHandler("VIPS", Enums.LogLevelFlags.All & ~(Enums.LogLevelFlags.FlagFatal | Enums.LogLevelFlags.FlagRecursion),
                (_, _, _) => { });
            ready = true;
        }
    }
}
