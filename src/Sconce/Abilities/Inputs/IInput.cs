namespace Sconce.Abilities;

/// <summary>One thing that is asked about.</summary>
public interface IInput
{
    /// <summary>What answers and errors call it: the path as it was given, or the words themselves.</summary>
    string Name { get; }

    /// <summary>Reads as much as can be read before the network is asked, so that a broken file is known by itself. Safe from any
    /// thread.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    void Prepare();
}

/// <summary>A type of input.</summary>
/// <typeparam name="T">The type itself.</typeparam>
public interface IInput<T> : IInput
    where T : IInput<T>
{
    /// <summary>The kind.</summary>
    static abstract InputKind Kind { get; }

    /// <summary>The input that a path, or a text, stands for. Nothing is read yet.</summary>
    static abstract T Of(string given);
}
