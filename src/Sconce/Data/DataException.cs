namespace Sconce.Data;

/// <summary>Data that cannot be used: an empty folder, a label out of range, a damaged annotation. The message names the place and what to
/// do.</summary>
public sealed class DataException : Exception, IRemediable
{
    /// <summary>A fault of one file or folder.</summary>
    /// <param name="source">The file or folder, with a line or record where there is one.</param>
    /// <param name="fault">What is wrong, and what to do.</param>
    /// <param name="inner">The cause.</param>
    public DataException(string source, string fault, Exception? inner = null) : base($"{source}: {fault}", inner)
    {
        Place = source;
    }

    /// <summary>A fault without a file.</summary>
    public DataException(string message) : base(message)
    {
    }

    /// <summary>The file or folder; null where none is at fault.</summary>
    public string? Place { get; }

    /// <inheritdoc/>
    public Remedy Remedy { get; init; }
}
