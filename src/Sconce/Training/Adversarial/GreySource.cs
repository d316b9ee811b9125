using System.Runtime.CompilerServices;
using Sconce.Data;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Colour pictures as grey ones, <c>(N, 1, H, W)</c>: the mean of their colours.</summary>
/// <param name="inner">Colour pictures.</param>
internal sealed class GreySource(IBatchSource<ImageBatch> inner) : IBatchSource<ImageBatch>
{
    public int BatchesPerEpoch => inner.BatchesPerEpoch;

    public async IAsyncEnumerable<ImageBatch> Epoch(
        int epoch, int first = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var batch in inner.Epoch(epoch, first, cancellationToken).ConfigureAwait(false)) yield return Grey(batch);
    }

    private static ImageBatch Grey(ImageBatch batch)
    {
        using var scope = new TensorScope();
        var grey = scope.KeepForever(batch.Images.Mean([1], keepdim: true));
        batch.Images.Dispose();
        return batch with { Images = grey };
    }
}
