namespace Sconce.Common;

/// <summary>Something was asked that cannot be as asked: the message, one line, says what is wrong and what would be right. The command's
/// exit status is then 2.</summary>
/// <param name="message">One line, in the library's own terms.</param>
/// <param name="inner">What showed it, if something did.</param>
public class UsageException(string message, Exception? inner = null) : Exception(message, inner), IRemediable
{
    /// <inheritdoc/>
    public Remedy Remedy { get; init; }
}
