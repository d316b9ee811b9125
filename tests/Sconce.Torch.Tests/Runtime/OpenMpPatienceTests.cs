using System.Runtime.InteropServices;
using Xunit;

namespace Sconce.Torch.Tests.Runtime;

public partial class OpenMpPatienceTests
{
    [Fact]
    public void Helpers_of_a_crowded_process_look_longer_unless_the_environment_says_how_long()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "GNU's OpenMP is Linux's");
        _ = TorchRuntime.Version;
        string? policy = Environment.GetEnvironmentVariable("OMP_WAIT_POLICY");
        string? looks = Environment.GetEnvironmentVariable("GOMP_SPINCOUNT");
        bool isSaid = policy is not null || looks is not null;
        Assert.Equal(isSaid ? policy : "active", Native("OMP_WAIT_POLICY"));
        Assert.Equal(isSaid ? looks : "300000", Native("GOMP_SPINCOUNT"));
    }

    // What a native library sees; .NET's own copy of the environment is another.
    private static string? Native(string name) => Marshal.PtrToStringUTF8(GetVariable(name));

    [LibraryImport("libc", EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetVariable(string name);
}
