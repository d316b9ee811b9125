using Sconce.Imaging;
using Xunit;
using Stats = NetVips.Stats;

namespace Sconce.Tests.Imaging;

/// <summary>libvips counts its memory for the whole process, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(NativeMemoryTests), DisableParallelization = true)]
[Collection(nameof(NativeMemoryTests))]
public sealed class NativeMemoryTests
{
    [Fact]
    public void A_thousand_decodes_leave_no_native_memory_behind()
    {
        string[] names = ["rgb.jpg", "cmyk.jpg", "rgba.png", "lossy.webp", "animated.gif", "lzw.tif", "progressive.jpg", "deep.png"];
        var files = Array.ConvertAll(names, name => DecodeTests.Named(name).GetProperty("file").GetBytesFromBase64());
        void Round(int count)
        {
            for (var i = 0; i < count; i++)
            {
                Image.Decode(files[i % files.Length], names[i % files.Length]);
                if (i % 4 == 0)
                    Assert.Throws<ImageException>(() => Image.Decode(files[i % files.Length].AsSpan(0, 40), "cut"));
            }
        }
        Round(64);
        var (memory, allocations) = Settled();
        Round(1000);
        var after = Settled();
        Assert.Equal((memory, allocations), after);
    }

    private static (int Memory, int Allocations) Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (Stats.Mem, Stats.Allocations);
    }
}
