using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>A folder that goes with the test.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sconce-weights-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Reference files: made by PyTorch, beside the tests; and those of the shared folder, which may be absent.</summary>
static class ReferenceFiles
{
    public static string Of(string name) => Path.Combine(AppContext.BaseDirectory, "Weights", "Files", name);

    public static string Shared(string name)
    {
        var folder = Environment.GetEnvironmentVariable("SCONCE_SHARED");
        for (var up = new DirectoryInfo(AppContext.BaseDirectory); folder is null && up is not null; up = up.Parent)
            if (Directory.Exists(Path.Combine(up.FullName, "shared", "data")))
                folder = Path.Combine(up.FullName, "shared");
        var path = folder is null ? "" : Path.Combine(folder, name);
        Assert.SkipUnless(File.Exists(path), "the shared folder is not here");
        return path;
    }
}
