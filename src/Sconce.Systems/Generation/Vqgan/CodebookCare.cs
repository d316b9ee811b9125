using Sconce.Maths;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>
/// Keeps a codebook in use: its entries begin as vectors of the encoder, far from each other, and those that nothing was near to for
/// a while
/// become vectors of the latest batch. Without it few entries take all at small scale.
/// </summary>
/// <param name="quantizer">Whose codebook.</param>
internal sealed class CodebookCare(Quantizer quantizer) : ISavedState, IDisposable
{
    private readonly Tensor used = NotUsed(quantizer.Count);

    /// <summary>Sets the entries by k-means++ seeding: each next vector with a chance in proportion to its squared distance.</summary>
    /// <param name="vectors">Of the encoder, <c>(vectors, width)</c>; with fewer than entries some come twice, slightly moved.</param>
    internal void Begin(Tensor vectors)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var drawn = KMeans.Seeds(vectors, (int)Math.Min(quantizer.Count, vectors.Size(0)));
        if (drawn.Size(0) < quantizer.Count) drawn = Tensor.Cat([drawn, Drawn(vectors, quantizer.Count - drawn.Size(0))], 0);
        quantizer.Replace(Tensor.Arange(quantizer.Count, dtype: DType.Int64).To(vectors.Device), drawn);
    }

    /// <summary>Notes which entries a batch used.</summary>
    internal void Observe(Tensor codes)
    {
        using var scope = new TensorScope();
        used.IndexFillInPlace(0, codes.Flatten().Cpu(), 1);
    }

    /// <summary>Gives entries that were not used since the last time a vector of a batch each; tells how many.</summary>
    internal int Revive(Tensor vectors)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var unused = used.Eq(0).Nonzero().Flatten();
        int count = (int)unused.Size(0);
        if (count > 0) quantizer.Replace(unused.To(vectors.Device), Drawn(vectors, count));
        used.FillInPlace(0);
        return count;
    }

    /// <inheritdoc/>
    public void Save(SavedState state) => state.Set("used", used);

    /// <inheritdoc/>
    public void Load(SavedState state)
    {
        using var scope = new TensorScope();
        used.CopyInPlace(state.Tensor("used", quantizer.Count));
    }

    /// <inheritdoc/>
    public void Dispose() => used.Dispose();

    private static Tensor NotUsed(int count)
    {
        using var scope = new TensorScope();
        return scope.KeepForever(Tensor.Zeros([count]));
    }

    /// <summary>Vectors of a batch, each moved by a hundredth of the batch's spread so that none are alike.</summary>
    private static Tensor Drawn(Tensor vectors, long count)
    {
        const double moved = 0.01;
        var places = Tensor.Randint(vectors.Size(0), [count], DType.Int64).To(vectors.Device);
        return vectors.IndexSelect(0, places) + (Tensor.Randn([count, vectors.Size(1)]).To(vectors.Device) * vectors.Std() * moved);
    }
}
