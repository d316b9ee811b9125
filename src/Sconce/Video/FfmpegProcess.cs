using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Sconce.Video;

/// <summary>One run of ffmpeg or ffprobe on one file. Disposing it, or cancelling, ends the program.</summary>
internal sealed class FfmpegProcess : IDisposable
{
    private const int LongestComplaint = 2000;

    private readonly Process process;
    private readonly string path;
    private readonly StringBuilder complaints = new();
    private readonly CancellationToken cancellation;
    private readonly CancellationTokenRegistration registration;

    /// <summary>Starts it. Only local files are opened, whatever the video itself refers to.</summary>
    /// <param name="program">Found on the PATH.</param>
    /// <param name="path">The video.</param>
    /// <param name="before">Arguments before the file's.</param>
    /// <param name="after">Arguments after it.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="VideoException">There is no such file, or no such program.</exception>
    internal FfmpegProcess(string program, string path, IEnumerable<string> before, IEnumerable<string> after, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!File.Exists(path)) throw new VideoException(path, Directory.Exists(path) ? "it is a folder, not a video" : "there is no such file");
        this.path = path;
        this.cancellation = cancellation;
        var start = new ProcessStartInfo(program) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        // "file:" keeps a name such as "concat:a" or "-y" from being anything else than a name.
        foreach (string argument in (string[])["-hide_banner", "-v", "error", .. before, "-protocol_whitelist", "file", "-i", "file:" + Path.GetFullPath(path), .. after]) start.ArgumentList.Add(argument);
        try
        {
            process = Process.Start(start) ?? throw new VideoException($"{program} did not start");
        }
        catch (Win32Exception missing)
        {
            throw new VideoException($"{program}, which reads videos, cannot be run ({missing.Message}): install ffmpeg (Debian: apt-get install ffmpeg) so that it is on the PATH", missing);
        }

        process.StandardInput.Close();
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginErrorReadLine();
        registration = cancellation.Register(Kill);
    }

    /// <summary>What the program writes.</summary>
    internal Stream Output => process.StandardOutput.BaseStream;

    /// <summary>All that it writes, as text.</summary>
    internal string ReadText()
    {
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        return process.ExitCode == 0 ? text : throw Fault("it is no video that can be read");
    }

    /// <summary>Waits for the end; whether the program was content.</summary>
    internal bool Finish()
    {
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        lock (complaints) return process.ExitCode == 0 && complaints.Length == 0;
    }

    /// <summary>An error with the program's own words.</summary>
    internal VideoException Fault(string what)
    {
        lock (complaints) return new VideoException(path, complaints.Length == 0 ? what : $"{what}; {Path.GetFileNameWithoutExtension(process.StartInfo.FileName)} says: {complaints.ToString().Trim()}");
    }

    public void Dispose()
    {
        registration.Dispose();
        Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void Hear(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        lock (complaints)
        {
            if (complaints.Length + line.Length < LongestComplaint) complaints.Append(complaints.Length == 0 ? "" : "; ").Append(line.Trim());
        }
    }

    private void Kill()
    {
        try
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It ended by itself meanwhile.
        }
    }
}
