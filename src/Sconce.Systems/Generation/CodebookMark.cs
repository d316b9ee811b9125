using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sconce.Torch;

namespace Sconce.Systems.Generation;

/// <summary>A few digits that stand for a first stage's codes: a transformer knows the codes of one alone.</summary>
internal static class CodebookMark
{
    private const int Length = 16;

    /// <summary>The mark of what decides codes.</summary>
    internal static string Of(params IEnumerable<Tensor> tensors)
    {
        using var scope = new TensorScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors) hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.Detach().Float().Cpu().ToArray<float>()));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..Length];
    }

    /// <summary>Refuses a first stage with other codes than a run, or weights, were made for.</summary>
    /// <param name="mark">Of the first stage that is there.</param>
    /// <param name="known">Of the one before; null where there was none.</param>
    /// <param name="place">What holds one of them, for the error.</param>
    /// <exception cref="UsageException">They differ.</exception>
    internal static void Verify(string mark, string? known, string place)
    {
        if (known is null || known == mark) return;
        throw new UsageException(
            $"{place}: the first stage has another codebook ({mark}) than the one that was learned with before ({known}): a "
            + "transformer knows the codes of one alone. Put that one back, or begin anew");
    }
}
