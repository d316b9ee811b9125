namespace Sconce.Torch;

/// <summary>An operation of libtorch failed: its name, the shapes and types that it was given, and libtorch's reason.</summary>
public class TorchException : Exception
{
    /// <summary>Makes one with <paramref name="message"/>.</summary>
    public TorchException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with the exception behind it.</summary>
    public TorchException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>The operator that failed, such as <c>aten::matmul</c>; empty where none did.</summary>
    public string Operation { get; init; } = "";

    internal static TorchException Of(string operation, string reason, string arguments = "")
    {
        string message = $"{operation}{arguments}: {reason.Trim()}";
        if (reason.Contains("can't allocate memory", StringComparison.Ordinal)
            || reason.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
            || reason.Contains("bad_alloc", StringComparison.Ordinal))
        {
            return new TensorMemoryException($"{message}. Make the batch or the picture smaller, or free what a scope still holds")
            { Operation = operation };
        }

        return new TorchException(message) { Operation = operation };
    }
}

/// <summary>A tensor's memory could not be allocated.</summary>
public sealed class TensorMemoryException : TorchException
{
    /// <summary>Makes one with <paramref name="message"/>.</summary>
    public TensorMemoryException(string message)
        : base(message)
    {
    }
}

/// <summary>libtorch, or the native part of Sconce, is missing or of a wrong version; the message says what to type.</summary>
public sealed class TorchNotFoundException : TorchException
{
    /// <summary>Makes one with <paramref name="message"/>.</summary>
    public TorchNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with the exception behind it.</summary>
    public TorchNotFoundException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
