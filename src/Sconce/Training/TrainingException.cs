namespace Sconce.Training;

/// <summary>Training cannot go on, or cannot begin as asked: a loss that is no number, a run of another network, a folder in use. The
/// message says where and what to do.</summary>
public sealed class TrainingException : Exception, IRemediable
{
    /// <summary>Makes one with its message.</summary>
    public TrainingException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with the exception behind it.</summary>
    public TrainingException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <inheritdoc/>
    public Remedy Remedy { get; init; }
}
