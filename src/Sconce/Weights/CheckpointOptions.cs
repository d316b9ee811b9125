namespace Sconce.Weights;

/// <summary>How to open a checkpoint.</summary>
public sealed record CheckpointOptions
{
    /// <summary>
    /// The dotted path to the state dict inside the file, such as <c>state_dict_ema</c> or <c>model.state_dict</c>; the empty string is the
    /// whole file. By default it is found: the first of the usual names (<see cref="StateDictFinder.WrapperNames"/>) that holds tensors.
    /// </summary>
    public string? Wrapper { get; init; }

    /// <summary>
    /// The prefix to take off the names that have it; the empty string leaves all names as they are.
    /// By default <c>_orig_mod.</c> (<c>torch.compile</c>) and its like go wherever they stand, <c>module.</c> (data parallelism) goes
    /// where every name has it, and whoever knows the
    /// network's names takes off the one prefix with which they are there (<see cref="Checkpoint.Under"/>).
    /// </summary>
    public string? StripPrefix { get; init; }

    /// <summary>Which of an archive's checksums are held against the bytes when they are read.</summary>
    public ChecksumScope Checksums { get; init; } = ChecksumScope.Pickles;

    /// <summary>What a file may ask for at most.</summary>
    public CheckpointLimits Limits { get; init; } = new();
}

/// <summary>Which stored records of a zip archive are held against their checksums. Compressed records always are.</summary>
public enum ChecksumScope
{
    /// <summary>None: for files whose writer left the checksums out (<c>torch.serialization.set_crc32_options(False)</c>).</summary>
    None,

    /// <summary>The pickles: what a damaged byte would turn into another structure.</summary>
    Pickles,

    /// <summary>Every record, which reads the whole file once.</summary>
    Everything,
}

/// <summary>What a checkpoint may ask for at most, so that a hostile one is refused before it costs memory or time.</summary>
public sealed record CheckpointLimits
{
    /// <summary>Bytes of one pickle.</summary>
    public int MaxPickleBytes { get; init; } = 1 << 30;

    /// <summary>Bytes that a compressed pickle may expand to. PyTorch stores them; an archive packed anew has them compressed.</summary>
    public int MaxInflatedPickleBytes { get; init; } = 1 << 26;

    /// <summary>Characters of all names together, of an archive's records or of a state dict's tensors.</summary>
    public long MaxNameCharacters { get; init; } = 1L << 26;

    /// <summary>Values that a pickle may push, and values that the walk through the finished tree may meet.</summary>
    public int MaxNodes { get; init; } = 8_000_000;

    /// <summary>Containers inside containers.</summary>
    public int MaxDepth { get; init; } = 256;

    /// <summary>Bytes of one string or byte string.</summary>
    public int MaxTextBytes { get; init; } = 1 << 28;

    /// <summary>Bytes that all compressed records of an archive may expand to, together.</summary>
    public long MaxInflatedBytes { get; init; } = 8L << 30;

    /// <summary>Bytes of a tensor that repeats the elements of a smaller storage (zero strides).</summary>
    public long MaxExpandedBytes { get; init; } = 1L << 30;

    /// <summary>Records of an archive, and tensors of a state dict.</summary>
    public int MaxEntries { get; init; } = 1_000_000;
}
