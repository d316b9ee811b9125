namespace Sconce.Weights;

/// <summary>A checkpoint that cannot be read or written. The message names the file, the record inside it, the fault, and what to do
/// next.</summary>
/// <param name="path">The file.</param>
/// <param name="fault">The record and what is wrong with it.</param>
/// <param name="inner">What the system said, where it said something.</param>
public sealed class CheckpointException(string path, string fault, Exception? inner = null)
    : Exception($"{path}: {fault}", inner), IRemediable
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>The record and what is wrong with it, without the path.</summary>
    public string Fault { get; } = fault;

    /// <summary>What would help: <see cref="CheckpointOptions.StripPrefix"/> or <see cref="CheckpointOptions.Wrapper"/>, say.</summary>
    public Remedy Remedy { get; init; }
}
