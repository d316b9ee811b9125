using Sconce.Tests.Common;
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
        var path = SharedFiles.Find(name);
        Assert.SkipWhen(path is null, "the shared folder is not here");
        return path!;
    }
}
