namespace Sconce.Video;

/// <summary>A video that cannot be read, or the program that reads it cannot be run. The message names the file, the fault and what to
/// do.</summary>
public sealed class VideoException : Exception
{
    /// <summary>A fault without a file: ffmpeg missing, for instance.</summary>
    public VideoException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>A fault of one file.</summary>
    public VideoException(string fileName, string fault, Exception? inner = null)
        : base($"{fileName}: {fault}", inner)
    {
        FileName = fileName;
    }

    /// <summary>The file's path; null where no file is at fault.</summary>
    public string? FileName { get; }
}
