using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <summary>Finds and loads <c>libsconce_torch.so</c>: where <c>SCONCE_NATIVE</c> says, beside the program, in the checkout's
/// <c>artifacts/native/current</c>; else it is built into the user's cache (<see cref="NativeBuild"/>).</summary>
internal static class TorchLibrary
{
    /// <summary>Whoever sets it builds the native part, and asks to be told that it is missing.</summary>
    private const string BuiltElsewhere = "SCONCE_NATIVE_MISSING";

    private const string FileName = "libsconce_torch.so";

#pragma warning disable CA2255 // the resolver must stand before the first native call, wherever that comes from
    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(TorchLibrary).Assembly, Resolve);
#pragma warning restore CA2255

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Native.Library) return 0;
        OpenMpPatience.Set();
        // Another libtorch than the system's is not the one that a library beside the program was built for.
        string? named = Environment.GetEnvironmentVariable("SCONCE_NATIVE");
        bool isOther = string.IsNullOrEmpty(named) && Environment.GetEnvironmentVariable("SCONCE_LIBTORCH") is { Length: > 0 };
        var tried = new List<string>();
        foreach (string candidate in isOther ? [] : Candidates())
        {
            if (!File.Exists(candidate))
            {
                tried.Add(candidate);
                continue;
            }

            try
            {
                return Prepare(NativeLibrary.Load(candidate), candidate);
            }
            catch (DllNotFoundException) when (string.IsNullOrEmpty(named))
            {
                tried.Add(candidate);   // a package's, built for another libtorch than this machine's
            }
            catch (DllNotFoundException error)
            {
                throw new TorchNotFoundException(
                    $"{candidate} does not load: {FirstLine(error.Message)}. It needs libtorch: on Debian type 'apt-get install "
                        + $"libtorch-dev libopenblas0-openmp', or name another with SCONCE_LIBTORCH, and build again with ./sconce", error);
            }
        }

        if (string.IsNullOrEmpty(named) && Environment.GetEnvironmentVariable(BuiltElsewhere) is null)
        {
            string built = NativeBuild.Find();
            return Prepare(NativeLibrary.Load(built), built);
        }

        throw new TorchNotFoundException(
            $"{FileName} was not found (looked at {string.Join(", ", tried)}). In a checkout 'eng/native.sh' builds it; elsewhere set "
                + $"SCONCE_NATIVE to its path");
    }

    private static unsafe nint Prepare(nint library, string path)
    {
        if (!NativeLibrary.TryGetExport(library, "sc_abi", out nint export) || ((delegate* unmanaged[Cdecl]<int>)export)() != Native.Abi)
        {
            throw new TorchNotFoundException($"{path} was built for another version of Sconce: build it again with ./sconce");
        }

        if (NativeLibrary.TryGetExport(library, "sc_keep_freed_memory", out nint keep)
            && Environment.GetEnvironmentVariable("SCONCE_MALLOC") != "system")
        {
            _ = ((delegate* unmanaged[Cdecl]<int>)keep)();
        }

        if (NativeLibrary.TryGetExport(library, "sc_set_winograd", out nint winograd)
            && Environment.GetEnvironmentVariable("SCONCE_WINOGRAD") == "off")
        {
            _ = ((delegate* unmanaged[Cdecl]<int, int>)winograd)(0);
        }

        return library;
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("SCONCE_NATIVE") is { Length: > 0 } named)
        {
            yield return named;
            yield break;
        }

        yield return Path.Combine(AppContext.BaseDirectory, FileName);
        yield return Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native", FileName);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.Name == "artifacts") yield return Path.Combine(folder.FullName, "native", "current", FileName);
        }

        // A program of one file (dotnet run sample.cs) is built elsewhere, and says where its source lies.
        if (AppContext.GetData("EntryPointFileDirectoryPath") is not string source) yield break;
        for (var folder = new DirectoryInfo(source); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, "artifacts")))
            {
                yield return Path.Combine(folder.FullName, "artifacts", "native", "current", FileName);
            }
        }
    }

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('.', ' ');
}
