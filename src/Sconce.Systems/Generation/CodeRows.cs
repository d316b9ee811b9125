using Sconce.Torch;

namespace Sconce.Systems.Generation;

/// <summary>Pictures as a transformer learns them. On the processor.</summary>
/// <param name="Codes">In the transformer's order, integers <c>(rows, h·w)</c>.</param>
/// <param name="Before">What stands before them, a condition's or a caption's tokens, integers <c>(rows, t)</c>.</param>
internal sealed record CodeRows(Tensor Codes, Tensor Before) : IDisposable
{
    /// <summary>How many there are.</summary>
    internal int Count => (int)Codes.Size(0);

    /// <summary>How many different codes there are.</summary>
    internal int Distinct => Codes.ToArray<long>().Distinct().Count();

    /// <inheritdoc/>
    public void Dispose()
    {
        Codes.Dispose();
        Before.Dispose();
    }

    /// <summary>Some rows, on a device.</summary>
    internal (Tensor Codes, Tensor Before) At(long[] rows, Device device)
    {
        var places = Tensor.From(rows);
        return (Codes.IndexSelect(0, places).To(device), Before.IndexSelect(0, places).To(device));
    }

    /// <summary>The first rows, on a device.</summary>
    internal (Tensor Codes, Tensor Before) First(int count, Device device) =>
        At([.. Enumerable.Range(0, Math.Min(count, Count)).Select(row => (long)row)], device);
}
