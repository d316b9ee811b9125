namespace Sconce.Data;

/// <summary>Items by number. The loader asks several threads' worth at once, so reading must be safe from any thread.</summary>
/// <typeparam name="T">The item.</typeparam>
public interface IDataset<out T>
{
    /// <summary>How many items there are.</summary>
    int Count { get; }

    /// <summary>Item <paramref name="index"/>, 0 to Count - 1, read or made now.</summary>
    T this[int index] { get; }

    /// <summary>What errors call the item: its file's path where there is one.</summary>
    string NameOf(int index) => $"item {index}";
}
