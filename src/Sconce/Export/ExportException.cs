namespace Sconce.Export;

/// <summary>A network can not be exported; the message names the operator or the fault, and what to do instead.</summary>
public sealed class ExportException : Exception, IRemediable
{
    /// <summary>Makes one with <paramref name="message"/>.</summary>
    public ExportException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public Remedy Remedy { get; init; }
}
