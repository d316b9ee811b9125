using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <summary>
/// How long OpenMP's threads wait for the next operator before they sleep. GNU's libgomp gives each thread that calls an operator helpers
/// of its own; as soon as all of them are more than the processors are, as in every server, each helper looks a hundred times and sleeps,
/// and a small network spends more time waking them than computing. A thousand looks, some ten microseconds, are as many as it allows
/// then (libgomp, config/linux/wait.h and env.c).
/// </summary>
internal static partial class OpenMpPatience
{
    private const string Policy = "OMP_WAIT_POLICY", Looks = "GOMP_SPINCOUNT";

    /// <summary>Before libgomp is loaded, which reads it once. What the user has set stays.</summary>
    internal static void Set()
    {
        if (!OperatingSystem.IsLinux()) return;
        if (Environment.GetEnvironmentVariable(Policy) is not null || Environment.GetEnvironmentVariable(Looks) is not null) return;
        // A native binary of .NET copies the environment for itself, and for what it starts, when it first lists it: before the change.
        _ = Environment.GetEnvironmentVariables();
        // The policy raises the count of a crowded process; alone it would have helpers look for minutes, so their usual count is said.
        _ = SetVariable(Policy, "active", 0);
        _ = SetVariable(Looks, "300000", 0);
    }

    // .NET's own changes that copy alone, which native libraries do not read.
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int replaces);
}
