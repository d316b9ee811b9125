using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sconce.Torch;

/// <summary>
/// Builds the native part out of this assembly's own copy of its sources, once for each libtorch, into the user's cache. So a package
/// works with whichever libtorch a machine has, as a checkout does.
/// </summary>
internal static class NativeBuild
{
    private const string Resources = "native/", FileName = "libsconce_torch.so";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    /// <summary>The library for the libtorch at hand, built where there is none yet.</summary>
    /// <exception cref="TorchNotFoundException">There is no libtorch, or no compiler, or the build failed: the message says what to
    /// do.</exception>
    public static string Find()
    {
        var (root, binary) = Libtorch();
        string folder = Path.Combine(CacheFolder(), "native", Key(root, binary)), library = Path.Combine(folder, FileName);
        if (File.Exists(library)) return library;
        string[] missing = [.. ((string[])["g++", "cmake", "make"]).Where(tool => !IsOnPath(tool))];
        if (missing.Length > 0)
        {
            throw new TorchNotFoundException(
                $"the native part has to be built for {binary}, and {string.Join(", ", missing)} is missing: "
                + "on Debian type 'apt-get install g++ cmake make'");
        }

        Directory.CreateDirectory(folder);
        using var turn = Turn(Path.Combine(folder, ".lock"));
        if (!File.Exists(library)) Build(root, binary, folder, library);
        return library;
    }

    /// <summary>The libtorch in use: the folder that was named (null for the system's), and its library.</summary>
    private static (string? Root, string Binary) Libtorch()
    {
        if (Environment.GetEnvironmentVariable("SCONCE_LIBTORCH") is { Length: > 0 } named)
        {
            string library = Path.Combine(named, "lib", "libtorch_cpu.so");
            if (File.Exists(library) && File.Exists(Version(Path.Combine(named, "include")))) return (named, library);
            throw new TorchNotFoundException(
                $"SCONCE_LIBTORCH is {named}, which is no libtorch: it must be the folder that holds include/ and lib/, "
                + "of a libtorch zip or of torch under pip's site-packages");
        }

        string? system = Directory.Exists("/usr/lib")
            ? Directory.EnumerateDirectories("/usr/lib").Append("/usr/lib").Select(folder => Path.Combine(folder, "libtorch_cpu.so"))
                .FirstOrDefault(File.Exists)
            : null;
        if (system is not null && File.Exists(Version("/usr/include"))) return (null, system);
        throw new TorchNotFoundException(
            "there is no libtorch: on Debian type 'apt-get install libtorch-dev libopenblas0-openmp'; "
            + "elsewhere set SCONCE_LIBTORCH to the folder of a libtorch (include/ and lib/), such as torch under pip's site-packages");
    }

    private static string Version(string include) => Path.Combine(include, "torch", "csrc", "api", "include", "torch", "version.h");

    private static string Key(string? root, string binary)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in Sources())
        {
            using var source = typeof(NativeBuild).Assembly.GetManifestResourceStream(name)!;
            using var copy = new MemoryStream();
            source.CopyTo(copy);
            hash.AppendData(copy.GetBuffer().AsSpan(0, (int)copy.Length));
        }

        var file = new FileInfo(File.ResolveLinkTarget(binary, returnFinalTarget: true)?.FullName ?? binary);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{root} {binary} {file.Length} {file.LastWriteTimeUtc.Ticks}")));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    private static IEnumerable<string> Sources() =>
        typeof(NativeBuild).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Resources, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal);

    private static string CacheFolder() =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? Path.Combine(cache, "sconce")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "sconce");

    private static bool IsOnPath(string tool) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, tool)));

    private static void Build(string? root, string binary, string folder, string library)
    {
        Console.Error.WriteLine($"sconce: building the native part for {binary}, once (a minute or two), into {folder}");
        string sources = Path.Combine(folder, "source"), build = Path.Combine(folder, "build"), log = Path.Combine(folder, "build.log");
        Directory.CreateDirectory(sources);
        foreach (string name in Sources())
        {
            using var source = typeof(NativeBuild).Assembly.GetManifestResourceStream(name)!;
            using var target = File.Create(Path.Combine(sources, name[Resources.Length..]));
            source.CopyTo(target);
        }

        using (var output = new StreamWriter(log))
        {
            Run(output, log, "-S", sources, "-B", build, "-DCMAKE_BUILD_TYPE=Release", $"-DSCONCE_LIBTORCH={root}");
            Run(output, log, "--build", build, "--parallel", $"{Math.Min(Environment.ProcessorCount, 8)}");
        }

        File.Move(Path.Combine(build, FileName), library);
        Directory.Delete(build, recursive: true);
    }

    private static void Run(StreamWriter output, string log, params string[] arguments)
    {
        Process process;
        try
        {
            process =
                Process.Start(new ProcessStartInfo("cmake", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception fault)
        {
            throw new TorchNotFoundException($"cmake, which builds the native part, does not start: {fault.Message}", fault);
        }

        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            output.Write(process.StandardOutput.ReadToEnd());
            string said = errors.GetAwaiter().GetResult();
            output.Write(said);
            if (!process.WaitForExit(Patience) || process.ExitCode != 0)
            {
                output.Flush();
                string first = said.Split('\n').FirstOrDefault(line => line.Contains("rror", StringComparison.Ordinal))?.Trim()
                    ?? "no word of the compiler";
                throw new TorchNotFoundException($"the native part does not build: {first} (all of it: {log})");
            }
        }
    }

    /// <summary>One process builds; others wait for it.</summary>
    private static FileStream Turn(string path)
    {
        for (var began = Stopwatch.StartNew(); ; Thread.Sleep(200))
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            }
            catch (IOException) when (began.Elapsed < Patience)
            {
                // Another process builds.
            }
        }
    }
}
