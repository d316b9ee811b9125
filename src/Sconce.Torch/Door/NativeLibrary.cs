using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <summary>Finds and loads <c>libsconce_torch.so</c>: where <c>SCONCE_NATIVE</c> says, beside the program, or in the checkout's <c>artifacts/native/current</c>.</summary>
internal static class TorchLibrary
{
    private const string FileName = "libsconce_torch.so";

#pragma warning disable CA2255 // the resolver must stand before the first native call, wherever that comes from
    [ModuleInitializer]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(TorchLibrary).Assembly, Resolve);
#pragma warning restore CA2255

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Native.Library) return 0;
        var tried = new List<string>();
        foreach (string candidate in Candidates())
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
            catch (DllNotFoundException error)
            {
                throw new TorchNotFoundException(
                    $"{candidate} does not load: {FirstLine(error.Message)}. It needs libtorch: on Debian type 'apt-get install libtorch-dev libopenblas0-openmp', or name another with SCONCE_LIBTORCH, and build again with ./sconce", error);
            }
        }

        throw new TorchNotFoundException(
            $"{FileName} was not found (looked at {string.Join(", ", tried)}). In a checkout 'eng/native.sh' builds it; elsewhere set SCONCE_NATIVE to its path");
    }

    private static unsafe nint Prepare(nint library, string path)
    {
        if (!NativeLibrary.TryGetExport(library, "sc_abi", out nint export) || ((delegate* unmanaged[Cdecl]<int>)export)() != Native.Abi)
        {
            throw new TorchNotFoundException($"{path} was built for another version of Sconce: build it again with ./sconce");
        }

        if (NativeLibrary.TryGetExport(library, "sc_keep_freed_memory", out nint keep) && Environment.GetEnvironmentVariable("SCONCE_MALLOC") != "system")
        {
            _ = ((delegate* unmanaged[Cdecl]<int>)keep)();
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
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (folder.Name == "artifacts") yield return Path.Combine(folder.FullName, "native", "current", FileName);
        }
    }

    private static string FirstLine(string message) => message.Split('\n')[0].TrimEnd('.', ' ');
}
