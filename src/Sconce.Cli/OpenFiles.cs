using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sconce.Cli;

/// <summary>
/// How many files this process may have open at once (<c>ulimit -n</c>). With too few, .NET cannot load its own parts, and what it says of
/// that helps nobody.
/// </summary>
internal static class OpenFiles
{
    /// <summary>The runtime, libtorch and what a command opens, with as much again to spare.</summary>
    private const int Needed = 256;

    private const int StandardError = 2;

    private const string Limits = "/proc/self/limits", Name = "Max open files";

    /// <summary>
    /// Says on the error stream, by its bytes alone, that there are too few; false where there are enough, or where it cannot be told.
    /// </summary>
    internal static bool AreTooFew()
    {
        if (!OperatingSystem.IsLinux() || Allowed() is not { } allowed || allowed >= Needed) return false;
        string fault = $"sconce: this process may have only {allowed} files open at once, and {Needed} are needed: "
            + $"raise the limit (ulimit -n {Needed})\n";
        try
        {
            // The descriptor itself: Console would duplicate it, and there may be none left.
            using var descriptor = new SafeFileHandle(StandardError, ownsHandle: false);
            using var error = new FileStream(descriptor, FileAccess.Write, bufferSize: 0);
            error.Write(Encoding.ASCII.GetBytes(fault));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // It is closed: the exit status says it.
        }

        return true;
    }

    private static int? Allowed()
    {
        try
        {
            string? line = File.ReadAllLines(Limits).FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal));
            string? word = line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
            return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int allowed) ? allowed : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;    // no such list here
        }
    }
}
