namespace Sconce.Common;

/// <summary>What whoever asked can do about a fault. The fault says it in words; a program adds how that is done there.</summary>
public enum Remedy
{
    /// <summary>Nothing but what the message says.</summary>
    None,

    /// <summary>Say which prefix of a checkpoint's names is to be taken off.</summary>
    Prefix,

    /// <summary>Say which entry of a checkpoint holds the weights.</summary>
    Wrapper,

    /// <summary>Leave out items that cannot be read.</summary>
    LeaveOut,

    /// <summary>Train into another folder.</summary>
    OtherFolder,

    /// <summary>Begin a new run from a checkpoint's weights.</summary>
    StartFromWeights,

    /// <summary>Look at the list of networks.</summary>
    KnownNetworks,

    /// <summary>Ask for square pictures.</summary>
    SquarePictures,

    /// <summary>Name a checkpoint.</summary>
    NameWeights,
}

/// <summary>A fault that knows what can be done about it.</summary>
public interface IRemediable
{
    /// <summary>What can be done.</summary>
    Remedy Remedy { get; }
}
