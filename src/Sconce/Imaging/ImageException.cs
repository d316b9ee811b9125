namespace Sconce.Imaging;

/// <summary>An image that cannot be read, decoded or written. The message names the file and the fault.</summary>
public sealed class ImageException : Exception
{
    /// <summary>A fault without a file: libvips missing, for instance.</summary>
    public ImageException(string message) : base(message)
    {
    }

    /// <summary>A fault without a file, with its cause.</summary>
    public ImageException(string message, Exception? inner) : base(message, inner)
    {
    }

    /// <summary>A fault of one file (or of the named bytes).</summary>
    public ImageException(string fileName, string fault, Exception? inner = null) : base($"{fileName}: {fault}", inner)
    {
        FileName = fileName;
    }

    /// <summary>The file's path, or the name given with the bytes; null where no file is at fault.</summary>
    public string? FileName { get; }
}
