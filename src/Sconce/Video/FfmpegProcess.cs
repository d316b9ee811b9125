using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sconce.Files;
using Sconce.Imaging;

namespace Sconce.Video;

/// <summary>
/// One run of ffmpeg or ffprobe on one file. Disposing it, cancelling, or waiting longer than its patience ends the program.
/// </summary>
internal sealed class FfmpegProcess : IDisposable
{
    private const int LongestComplaint = 2000;

    /// <summary>
    /// Containers whose pictures lie in the file itself (libavformat's names). Playlists and lists of files (hls, dash, concat, image2, sdp
    /// and their like) are
    /// texts that name other files or are never done.
    /// </summary>
    private const string Containers = "mov,matroska,avi,mpeg,mpegts,mpegvideo,flv,live_flv,asf,ogg,mxf,dv,ivf,nut,rm,gif,apng,wtv,"
        + "yuv4mpegpipe,m4v,h264,hevc,obu,mjpeg,vc1";

    /// <summary>The same of sounds, which the others may hold too.</summary>
    private const string SoundContainers = ",wav,w64,mp3,flac,aac,aiff,caf";

    private readonly Process process;
    private readonly string path;
    private readonly StringBuilder complaints = new();
    private readonly CancellationToken cancellation;
    private readonly CancellationTokenRegistration registration;
    private readonly CancellationTokenSource late = new();
    private readonly TimeSpan patience;

    /// <summary>
    /// Starts it to read a file. Only local files are opened, and only as containers that hold their own pictures, whatever the video
    /// itself refers to.
    /// </summary>
    /// <param name="program">Found on the PATH.</param>
    /// <param name="path">The video.</param>
    /// <param name="before">Arguments before the file's.</param>
    /// <param name="after">Arguments after it.</param>
    /// <param name="patience">How long it may take, or from one <see cref="Heard"/> to the next.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <param name="isSound">Whether the file may be one of sound alone.</param>
    /// <exception cref="VideoException">There is no such file, it is no regular file, or there is no such program.</exception>
    internal FfmpegProcess(
        string program, string path, IEnumerable<string> before, IEnumerable<string> after, TimeSpan patience,
        CancellationToken cancellation, bool isSound = false)
        : this(program, path, [.. before, .. Opening(path, isSound), .. after], isFed: false, patience, cancellation)
    {
    }

    private FfmpegProcess(
        string program, string path, IEnumerable<string> arguments, bool isFed, TimeSpan patience, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        this.path = path;
        this.patience = patience;
        this.cancellation = cancellation;
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in (string[])["-hide_banner", "-v", "error", .. arguments]) start.ArgumentList.Add(argument);
        try
        {
            process = Process.Start(start) ?? throw new VideoException($"{program} did not start");
        }
        catch (Win32Exception missing)
        {
            throw new VideoException(
                $"{program}, which reads and writes videos, cannot be run ({missing.Message}): install ffmpeg "
                + "(Debian: apt-get install ffmpeg) so that it is on the PATH",
                missing);
        }

        if (!isFed) process.StandardInput.Close();
        process.ErrorDataReceived += (_, line) => Hear(line.Data);
        process.BeginErrorReadLine();
        registration = cancellation.Register(Kill);
        late.Token.Register(Kill);
        Heard();
    }

    /// <summary>What the program is fed with.</summary>
    internal Stream Input => process.StandardInput.BaseStream;

    /// <summary>What the program writes.</summary>
    internal Stream Output => process.StandardOutput.BaseStream;

    /// <summary>Starts ffmpeg to write a file out of what it is fed with.</summary>
    /// <param name="program">Found on the PATH.</param>
    /// <param name="path">The file, as errors name it.</param>
    /// <param name="arguments">All of them.</param>
    /// <param name="patience">How long it may take from one <see cref="Heard"/> to the next.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="VideoException">There is no such program.</exception>
    internal static FfmpegProcess Writing(
        string program, string path, IEnumerable<string> arguments, TimeSpan patience, CancellationToken cancellation) =>
        new(program, path, arguments, isFed: true, patience, cancellation);

    /// <summary>
    /// The arguments that open a local file, as a container that holds its own pictures and sound: "file:" keeps a name such as "concat:a"
    /// or "-y" from being anything else than a name.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="isSound">Whether it may be one of sound alone.</param>
    /// <exception cref="VideoException">There is no such file, or it is no regular file.</exception>
    internal static IReadOnlyList<string> Opening(string path, bool isSound = false)
    {
        if (Directory.Exists(path)) throw new VideoException(path, "it is a folder, not a video");
        if (!File.Exists(path)) throw new VideoException(path, "there is no such file");
        if (RegularFile.KindOf(path) is { } kind) throw new VideoException(path, $"it is {kind}, not a regular file");
        if (GitLfsPointer.IsAt(path)) throw new VideoException(path, $"it is {GitLfsPointer.Sentence}");
        string most = (ImageOptions.DefaultMaxBytes / 3).ToString(CultureInfo.InvariantCulture);
        string containers = isSound ? Containers + SoundContainers : Containers;
        string[] limits = ["-protocol_whitelist", "file", "-format_whitelist", containers, "-max_pixels", most];
        return [.. limits, "-i", "file:" + Path.GetFullPath(path)];
    }

    /// <summary>It has said something: its time begins again.</summary>
    internal void Heard() => late.CancelAfter(patience);

    /// <summary>All that it writes, as text.</summary>
    internal string ReadText()
    {
        string text = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        RequireInTime();
        return process.ExitCode == 0 ? text : throw Fault("it is no video that can be read");
    }

    /// <summary>Waits for the end; whether the program was content.</summary>
    internal bool Finish()
    {
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        RequireInTime();
        lock (complaints) return process.ExitCode == 0 && complaints.Length == 0;
    }

    /// <summary>Waits for the end; whether the program succeeded, whatever it said.</summary>
    internal bool Succeeds()
    {
        process.WaitForExit();
        cancellation.ThrowIfCancellationRequested();
        RequireInTime();
        return process.ExitCode == 0;
    }

    /// <summary>An error with the program's own words.</summary>
    internal VideoException Fault(string what)
    {
        lock (complaints)
        {
            if (complaints.Length == 0) return new VideoException(path, what);
            string program = Path.GetFileNameWithoutExtension(process.StartInfo.FileName);
            return new VideoException(path, $"{what}; {program} says: {complaints.ToString().Trim()}");
        }
    }

    public void Dispose()
    {
        registration.Dispose();
        late.Dispose();
        Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private void RequireInTime()
    {
        if (late.IsCancellationRequested)
            throw Fault($"{process.StartInfo.FileName} gave no answer within {patience.TotalSeconds:0} s, and was ended");
    }

    private void Hear(string? line)
    {
        if (string.IsNullOrWhiteSpace(line)) return;
        lock (complaints)
        {
            if (complaints.Length + line.Length < LongestComplaint)
                complaints.Append(complaints.Length == 0 ? "" : "; ").Append(line.Trim());
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
