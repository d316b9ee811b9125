using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>New pictures, code by code.</summary>
public sealed class VqGenerateSession(OpenRequest request) : Session<Nothing, MadePictures, VqGenerateSettings>
{
    private readonly CodePainter painter = new(request);
    private readonly (int Width, int Height)? extent = request.Extent;

    /// <inheritdoc/>
    protected override IReadOnlyList<MadePictures> Answer(
        IReadOnlyList<Nothing> inputs, VqGenerateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int rows = painter.CodesAlong("height", settings.Height ?? extent?.Height);
        int columns = painter.CodesAlong("width", settings.Width ?? extent?.Width);
        painter.Verify(settings.Condition);
        return [.. inputs.Select(_ => new MadePictures(Pictures()) { Count = settings.Drawing.Count, HasSheet = true })];

        IEnumerable<Image> Pictures()
        {
            for (int done = 0; done < settings.Drawing.Count;)
            {
                int count = Math.Min(settings.Drawing.Batch, settings.Drawing.Count - done);
                foreach (var picture in Batch(done, count, new Drawn(done, settings.Drawing.Count, progress, cancellation)))
                {
                    done++;
                    yield return picture;
                }
            }
        }

        List<Image> Batch(int first, int count, Drawn drawn)
        {
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            var chance = CodeChance.Of(settings.Drawing.Seed, first, count);
            var empty = Tensor.Full([count, rows, columns], -1, DType.Int64);
            try
            {
                return VqPictures.Painted(painter.Paint(empty, settings.Condition, settings.Sampling.Sampler, chance, drawn));
            }
            finally
            {
                foreach (var source in chance) source.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    protected override void Free() => painter.Dispose();
}

/// <summary>The rest of pictures.</summary>
public sealed class VqCompleteSession(OpenRequest request) : Session<Picture, MadePictures, VqCompleteSettings>
{
    private readonly CodePainter painter = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<MadePictures> Answer(
        IReadOnlyList<Picture> inputs, VqCompleteSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        painter.Verify(settings.Condition);
        return [.. inputs.Select(input => new MadePictures(Pictures(input)) { Count = settings.Count, HasSheet = settings.Count > 1 })];

        IEnumerable<Image> Pictures(Picture input)
        {
            for (int done = 0; done < settings.Count; done++)
                yield return Completed(input, settings, done, new Drawn(done, settings.Count, progress, cancellation));
        }
    }

    /// <inheritdoc/>
    protected override void Free() => painter.Dispose();

    private Image Completed(Picture input, VqCompleteSettings settings, int place, Drawn drawn)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var codes = Opened(painter.CodesOf(input.Image), input.Image, settings);
        using var source = CodeChance.Of(settings.Seed, place, 1)[0];
        return VqPictures.Painted(painter.Paint(codes, settings.Condition, settings.Sampling.Sampler, [source], drawn))[0];
    }

    /// <summary>Codes <c>(1, h, w)</c> with -1 where they are to be drawn.</summary>
    private static Tensor Opened(Tensor codes, Image picture, VqCompleteSettings settings)
    {
        var given = settings.Keep.Cells((int)codes.Size(1), (int)codes.Size(2), settings.Share, picture.Width, picture.Height);
        return codes.MaskedFill(given.LogicalNot().To(codes.Device), -1);
    }
}
