namespace Sconce.Compilation;

/// <summary>Whose operators a compiled network runs.</summary>
public enum CompiledFormKind
{
    /// <summary>Layers packed for this processor, with what follows each of them, in kernels of Sconce's native part.</summary>
    Packed,

    /// <summary>The graph as libtorch optimises it for this processor.</summary>
    Optimised,

    /// <summary>libtorch's operators one by one, norms folded into the layers before them.</summary>
    Folded,
}

/// <summary>
/// The form that a compiled network has, and why it has no better one. <see cref="Compiler"/> takes the first of <see
/// cref="CompiledFormKind"/> that there is for this network on this processor and that answers as the eager network does: it measures no
/// time, so the choice is the same in every run, and the same for every batch.
/// </summary>
/// <param name="Kind">Whose operators run.</param>
/// <param name="Reasons">What was passed over, and which layers of a packed graph stay libtorch's, each with its reason; empty where
/// nothing was.</param>
public sealed record CompiledForm(CompiledFormKind Kind, IReadOnlyList<string> Reasons)
{
    /// <summary>Such as <c>optimised (packed: …)</c>.</summary>
    public override string ToString() => Reasons.Count == 0 ? Name(Kind) : $"{Name(Kind)} ({string.Join("; ", Reasons)})";

    internal static string Name(CompiledFormKind kind) => kind switch
    {
        CompiledFormKind.Packed => "packed",
        CompiledFormKind.Optimised => "optimised",
        _ => "folded",
    };
}
