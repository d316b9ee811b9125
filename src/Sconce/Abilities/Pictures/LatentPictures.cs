using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>A generator that is loaded, and the latents that a seed gives it.</summary>
/// <param name="network"><c>(N, latent) -> (N, C, H, W)</c>; it is disposed with this.</param>
/// <param name="latent">Numbers a picture.</param>
/// <param name="device">Where it is.</param>
internal sealed class LatentPictures(Module<Tensor, Tensor> network, int latent, Device device) : IDisposable
{
    /// <summary><c>(N, latent) -> (N, C, H, W)</c></summary>
    public Module<Tensor, Tensor> Network => network;

    /// <summary>Pictures as they are painted, batch by batch.</summary>
    /// <param name="settings">How many, and which.</param>
    /// <param name="paint">From the latents <c>(N, latent)</c> of each picture, and second ones, if wanted.</param>
    /// <param name="progress">Told of each batch.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    public MadePictures Make(
        GenerateSettings settings, Func<Tensor, Tensor, Tensor> paint, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        new(Pictures(settings, paint, progress, cancellation)) { Count = settings.Count, HasSheet = true };

    /// <summary>Normal numbers, a row at a time: how many rows are asked for does not change the first ones.</summary>
    public Tensor Latents(int count, Generator generator) =>
        Tensor.Cat([.. Enumerable.Range(0, count).Select(_ => Tensor.Randn([1, latent], generator))], 0).To(device);

    public void Dispose() => network.Dispose();

    private IEnumerable<Image> Pictures(
        GenerateSettings settings, Func<Tensor, Tensor, Tensor> paint, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using Generator first = new(settings.Seed), second = new(~settings.Seed);
        for (int done = 0; done < settings.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("painting", done, settings.Count));
            foreach (var picture in Batch(Math.Min(settings.Batch, settings.Count - done)))
            {
                done++;
                yield return picture;
            }
        }

        List<Image> Batch(int count)
        {
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            return PaintedPictures.Of(paint(Latents(count, first), Latents(count, second)));
        }
    }
}
