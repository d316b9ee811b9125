using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>What becomes of a code that is not in the subset.</summary>
public enum UnknownCode
{
    /// <summary>One of the subset, at random.</summary>
    Random,

    /// <summary>A number of its own, after the subset's.</summary>
    Extra,

    /// <summary>A number that is given.</summary>
    Fixed,
}

/// <summary>
/// Renumbers those of a codebook's entries that are used, so that a transformer has fewer to learn. CompVis/taming-transformers@3ba01b2
/// quantize.py VectorQuantizer2 (<c>remap</c>).
/// </summary>
/// <param name="used">The codes that are used; their places are their new numbers.</param>
/// <param name="unknown">What becomes of others.</param>
/// <param name="fixedNumber">Their new number, where that is given.</param>
public sealed class CodeSubset(IReadOnlyList<long> used, UnknownCode unknown = UnknownCode.Random, int fixedNumber = 0)
{
    /// <summary>How many numbers there are.</summary>
    public int Count => used.Count + (unknown == UnknownCode.Extra ? 1 : 0);

    /// <summary>From the codebook's numbers to the subset's; the shape stays.</summary>
    public Tensor Renumber(Tensor codes)
    {
        using var scope = new TensorScope();
        var matches = codes.Unsqueeze(-1).Eq(Used(codes.Device)); // (…, used)
        var others = unknown switch
        {
            UnknownCode.Random => Tensor.Randint(used.Count, codes.Shape, DType.Int64).To(codes.Device),
            UnknownCode.Extra => codes.FullLike(used.Count),
            _ => codes.FullLike(fixedNumber),
        };
        return scope.Keep(Functional.Where(matches.Any(-1), matches.To(DType.Int64).Argmax(-1), others));
    }

    /// <summary>From the subset's numbers to the codebook's; the extra one is taken as the first.</summary>
    public Tensor Restore(Tensor numbers)
    {
        using var scope = new TensorScope();
        var known = numbers.MaskedFill(numbers >= used.Count, 0);
        return scope.Keep(Used(numbers.Device).IndexSelect(0, known.Reshape([-1])).Reshape(numbers.Shape));
    }

    private Tensor Used(Device device) => Tensor.From<long>([.. used]).To(device);
}
