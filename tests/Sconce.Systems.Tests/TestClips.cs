using System.Diagnostics;
using Xunit;

namespace Sconce.Systems.Tests;

/// <summary>Clips and sounds that ffmpeg makes for a test; the test is skipped where there is none.</summary>
internal static class TestClips
{
    /// <summary>Six moving frames of 64 x 48 in 0.6 s, with a tone.</summary>
    internal static string Moving(string folder) => Made(
        Path.Combine(folder, "clip.mp4"), "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=0.6", "-f", "lavfi", "-i",
        "sine=duration=0.6", "-pix_fmt", "yuv420p");

    /// <summary>A tone of 440 hertz.</summary>
    internal static string Tone(string folder, string seconds, string name = "speech.wav") =>
        Made(Path.Combine(folder, name), "-f", "lavfi", "-i", $"sine=frequency=440:duration={seconds}");

    /// <summary>Skips the test where there is no ffmpeg.</summary>
    internal static void Need()
    {
        string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Assert.SkipUnless(places.Any(place => File.Exists(Path.Combine(place, "ffmpeg"))), "ffmpeg is not on the PATH");
    }

    private static string Made(string path, params string[] arguments)
    {
        Need();
        using var process = Process.Start("ffmpeg", ["-v", "error", .. arguments, path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return path;
    }
}
