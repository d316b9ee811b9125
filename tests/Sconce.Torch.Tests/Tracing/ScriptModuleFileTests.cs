using Xunit;

namespace Sconce.Torch.Tests.Tracing;

public sealed class ScriptModuleFileTests
{
    [Fact]
    public void A_module_written_to_a_stream_is_read_again()
    {
        using var scope = new TensorScope();
        using var module = Doubling();
        string folder = Directory.CreateTempSubdirectory().FullName, path = Path.Combine(folder, "doubling.pt");
        module.Save(path);
        Assert.Equal([path], Directory.GetFileSystemEntries(folder));
        using (var again = ScriptModule.Load(path)) Assert.Equal([2f, 4f], again.Run(Tensor.From([1f, 2f]))[0].ToArray<float>());
        module.Save(path);
        Directory.Delete(folder, true);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void A_disk_that_fills_up_is_an_exception_wherever_it_happens(double share)
    {
        using var scope = new TensorScope();
        using var module = Doubling();
        using var whole = new MemoryStream();
        module.Write(whole);
        Assert.Equal("full", Assert.Throws<IOException>(() => module.Write(new Full((int)(share * whole.Length)))).Message);
        using var again = new MemoryStream();
        module.Write(again);
        Assert.Equal(whole.Length, again.Length);
    }

    [Fact]
    public void A_device_without_room_ends_the_writing_not_the_process()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "there is no /dev/full here");
        using var scope = new TensorScope();
        using var module = Doubling();
        Assert.Throws<IOException>(() =>
        {
            using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
            module.Write(full);
        });
    }

    [Fact]
    public void Where_nothing_may_be_written_nothing_is_left()
    {
        using var scope = new TensorScope();
        using var module = Doubling();
        string folder = Directory.CreateTempSubdirectory().FullName;
        Assert.Throws<DirectoryNotFoundException>(() => module.Save(Path.Combine(folder, "none", "x.pt")));
        Directory.CreateDirectory(Path.Combine(folder, "taken.pt"));
        Assert.ThrowsAny<Exception>(() => module.Save(Path.Combine(folder, "taken.pt")));
        Assert.Equal([Path.Combine(folder, "taken.pt")], Directory.GetFileSystemEntries(folder));
        Directory.Delete(folder, true);
    }

    private static ScriptModule Doubling() => ScriptModule.Trace(inputs => [inputs[0] * 2.0 + Tensor.Zeros([2])], Tensor.Ones([2]));

    /// <summary>A disk with so many bytes of room.</summary>
    private sealed class Full(int room) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Length + buffer.Length > room) throw new IOException("full");
            base.Write(buffer);
        }
    }
}
