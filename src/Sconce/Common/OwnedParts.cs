namespace Sconce.Common;

/// <summary>What somebody frees together, the last first.</summary>
public sealed class OwnedParts : IDisposable
{
    private readonly Stack<IDisposable> parts = [];

    /// <summary>Hands a part over.</summary>
    public T Own<T>(T part)
        where T : IDisposable
    {
        parts.Push(part);
        return part;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (parts.TryPop(out var part)) part.Dispose();
    }
}
