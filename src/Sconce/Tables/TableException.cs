namespace Sconce.Tables;

/// <summary>
/// A table that cannot be used: damaged, without rows, with columns missing or of another type. The message names the place and what to do.
/// </summary>
public sealed class TableException : Exception
{
    /// <summary>A fault of one file or table.</summary>
    /// <param name="source">The file, with the line or column where there is one.</param>
    /// <param name="fault">What is wrong, and what to do.</param>
    /// <param name="inner">The cause.</param>
    public TableException(string source, string fault, Exception? inner = null)
        : base($"{source}: {fault}", inner) => Place = source;

    /// <summary>The file or table.</summary>
    public string Place { get; }
}
