using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;
using Sconce.Video;

namespace Sconce.Abilities;

/// <summary>What a generator with styles does: new pictures, walks from one to the next, the styles of a given picture.</summary>
public sealed class StyleDrawing : IDisposable
{
    private const int MeanOf = 4096; // rosinality/stylegan2-pytorch@bef283a1 generate.py
    private const double FrameRate = 24;
    private readonly LatentPictures latents;
    private readonly IStyleNetwork styles;
    private readonly string name;
    private Tensor? mean;

    /// <summary>Takes a network over.</summary>
    /// <param name="network">An <see cref="IStyleNetwork"/>, in evaluation; disposed with this, and where it is none.</param>
    /// <param name="latent">Numbers a picture.</param>
    /// <param name="device">Where it is.</param>
    /// <param name="name">For errors.</param>
    /// <exception cref="UsageException">It has no styles.</exception>
    public StyleDrawing(Module<Tensor, Tensor> network, int latent, Device device, string name)
    {
        (latents, this.name) = (new LatentPictures(network, latent, device), name);
        Paint = (network as IStyleNetwork ?? throw Without()).Paint;
        styles = (IStyleNetwork)network;

        UsageException Without()
        {
            network.Dispose();
            return new UsageException($"{name} has no styles");
        }
    }

    /// <summary>How new pictures and walks are painted, <c>(N, StyleCount, style) -> (N, C, H, W)</c>: else as the network does.</summary>
    public Func<Tensor, Tensor> Paint { get; init; }

    /// <summary>What settings ask for.</summary>
    /// <exception cref="SettingsException">There is no such layer, a walk of one picture, and its like.</exception>
    public GeneratedPictures Answer(StyleGenerateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(settings);
        Verify(settings);
        if (settings.Projection.Project is { } path)
        {
            var search = new StyleSearch(styles, name, Mean(), z => styles.Map(latents.Latents(1, z)));
            return search.Find(Image.Load(path), settings.Projection, settings.Drawing.Seed, progress, cancellation);
        }

        if (settings.Walk is { } walk) ClipWriter.Save(walk, Walk(settings, progress, cancellation), FrameRate, null, cancellation);
        return new GeneratedPictures(latents.Make(settings.Drawing, Painted, progress, cancellation));

        Tensor Painted(Tensor first, Tensor second) => Paint(Styles(first, second, settings));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        mean?.Dispose();
        latents.Dispose();
    }

    private void Verify(StyleGenerateSettings settings)
    {
        if (settings.MixFrom >= styles.StyleCount)
        {
            throw new SettingsException("mixFrom", called => styles.StyleCount == 1
                ? $"{called}: {name} takes one style for all of a picture, which cannot be mixed"
                : $"{called} is {settings.MixFrom}: {name} takes {styles.StyleCount} styles: it is between 1 and {styles.StyleCount - 1}");
        }

        if (settings.Walk is null) return;
        if (settings.Drawing.Count < 2)
        {
            throw new SettingsException("count", called => $"{called} 1: a walk goes from one picture to another");
        }

        if (settings.Projection.Project is not null)
        {
            throw new SettingsException("walk", called => $"{called}: a walk leads through new pictures, not to a given one");
        }
    }

    /// <summary>Pictures on the way from each style to the next, which begins and ends slowly.</summary>
    private IEnumerable<Image> Walk(StyleGenerateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var (count, between, batch) = (settings.Drawing.Count, settings.WalkFrames, settings.Drawing.Batch);
        using var stops = Stops(settings);
        int all = checked(count * between);
        for (int done = 0; done < all; done += batch)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("walking", done, all));
            foreach (var frame in Frames(stops, done, Math.Min(batch, all - done), between)) yield return frame;
        }
    }

    private List<Image> Frames(Tensor stops, int first, int count, int between)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int all = (int)stops.Size(0);
        var rows = Enumerable.Range(first, count).Select(frame =>
        {
            int from = frame / between;
            double way = (double)(frame % between) / between, share = way * way * (3 - (2 * way));
            return stops[from].Lerp(stops[(from + 1) % all], share);
        });
        return PaintedPictures.Of(Paint(Tensor.Stack([.. rows])));
    }

    /// <summary>The styles of the pictures that the same settings paint, <c>(count, StyleCount, style)</c>.</summary>
    private Tensor Stops(StyleGenerateSettings settings)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using Generator first = new(settings.Drawing.Seed), second = new(~settings.Drawing.Seed);
        int count = settings.Drawing.Count;
        return scope.KeepForever(Styles(latents.Latents(count, first), latents.Latents(count, second), settings));
    }

    private Tensor Styles(Tensor first, Tensor second, StyleGenerateSettings settings)
    {
        int count = styles.StyleCount, from = settings.MixFrom ?? count;
        var coarse = StyleOf(first, settings.Truncation).Unsqueeze(1).Repeat([1, from, 1]);
        if (from == count) return coarse;
        return Tensor.Cat([coarse, StyleOf(second, settings.Truncation).Unsqueeze(1).Repeat([1, count - from, 1])], 1);
    }

    private Tensor StyleOf(Tensor z, double truncation) =>
        truncation == 1 ? styles.Map(z) : StyleGenerator.Truncate(styles.Map(z), Mean(), truncation);

    /// <summary>Of the same latents whatever is asked, so that equal seeds give equal pictures.</summary>
    private Tensor Mean()
    {
        if (mean is not null) return mean;
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = new Generator(0);
        return mean = scope.KeepForever(styles.Map(latents.Latents(MeanOf, generator)).Mean([0], keepdim: true));
    }
}
