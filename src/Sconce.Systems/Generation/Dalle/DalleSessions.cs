using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Sampling;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>Both stages with their weights, and the words that they know.</summary>
internal sealed class DallePainter : IDisposable
{
    private readonly CaptionVocabulary vocabulary;
    private readonly Device device;
    private readonly string name;

    internal DallePainter(OpenRequest request)
    {
        (device, name) = (request.Device, request.Name);
        Model = request.Network<DalleModel>();
        try
        {
            vocabulary = Model.Words();
        }
        catch (InvalidDataException fault)
        {
            Model.Dispose();
            throw new UsageException($"{name}: {fault.Message}");
        }
    }

    internal DalleModel Model { get; }

    public void Dispose() => Model.Dispose();

    /// <summary>A caption's tokens <c>(1, TextLength)</c>.</summary>
    /// <exception cref="UsageException">It says nothing, or too much.</exception>
    internal Tensor Tokens(string caption)
    {
        long[] tokens = vocabulary.Tokens(caption);
        int most = Model.Transformer.Config.TextLength;
        if (tokens.Length == 0) throw new UsageException("the caption is empty: say what the picture is to show");
        if (tokens.Length > most)
            throw new UsageException($"the caption has {tokens.Length:N0} tokens, and {name} reads {most}: shorten it");
        return CaptionReading.Row(tokens, most).To(device);
    }

    /// <summary>Words of a caption that the training never had; null for none.</summary>
    internal Rows? Unknown(string caption) =>
        vocabulary.Unknown(caption) is { Count: > 0 } words
            ? new Rows(["words that no caption had"], [.. words.Select(word => (IReadOnlyList<object?>)[word])])
            : null;

    /// <summary>The codes of a picture's middle, <c>(1, Grid, Grid)</c>.</summary>
    internal Tensor CodesOf(Image picture)
    {
        using var scope = new TensorScope();
        long grid = Model.Transformer.Config.Grid;
        return scope.Keep(Model.Encode(DallePictures.Square(picture, Model.Side).To(device)).View([1, grid, grid]));
    }

    /// <summary>Paints codes, those that are -1 drawn first: <c>(N, Grid²)</c>, each with a caption <c>(1, TextLength)</c>.</summary>
    internal List<Image> Paint(Tensor codes, Tensor caption, TokenSampler sampler, ulong seed, int first, Drawn drawn)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int count = (int)codes.Size(0), all = Model.Transformer.Config.PictureLength;
        var chance = CodeChance.Of(seed, first, count);
        try
        {
            var text = caption.Expand([count, -1]);
            var whole = DalleSampling.Fill(Model.Transformer, text, codes.To(device), sampler, chance, done => drawn.Tell(done, all));
            return PaintedPictures.Of(Model.Decode(whole));
        }
        finally
        {
            foreach (var source in chance) source.Dispose();
        }
    }

    /// <summary>Nothing given: <c>(count, Grid²)</c> of -1.</summary>
    internal Tensor Open(int count) => Tensor.Full([count, Model.Transformer.Config.PictureLength], -1, DType.Int64);
}

/// <summary>New pictures of captions.</summary>
public sealed class DalleGenerateSession(OpenRequest request) : Session<Words, CaptionPictures, DalleGenerateSettings>
{
    private readonly DallePainter painter = new(request);
    private readonly Device device = request.Device;

    /// <inheritdoc/>
    protected override IReadOnlyList<CaptionPictures> Answer(
        IReadOnlyList<Words> inputs, DalleGenerateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (settings.Candidates is not null && settings.Rerank is null)
            throw new SettingsException("candidates", called => $"{called}: nothing ranks them; name a CLIP to rank by, or ask for "
                + "more pictures");
        if (settings.Candidates < settings.Drawing.Count)
            throw new SettingsException("candidates", called => $"{called} {settings.Candidates}: fewer than the "
                + $"{settings.Drawing.Count} to be kept");
        return [.. inputs.Select(input => Painted(input.Text, settings, progress, cancellation))];
    }

    /// <inheritdoc/>
    protected override void Free() => painter.Dispose();

    private CaptionPictures Painted(
        string caption, DalleGenerateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using (new TensorScope()) painter.Tokens(caption); // faults before anything is drawn
        int kept = settings.Drawing.Count;
        if (settings.Rerank is not { } clip)
        {
            var pictures = Pictures(caption, settings, kept, progress, cancellation);
            return new CaptionPictures(new MadePictures(pictures) { Count = kept, HasSheet = true }, null, painter.Unknown(caption));
        }

        using var ranking = new ClipRanking(clip, settings.Tokens.Vocabulary, device);
        List<Image> all = [.. Pictures(caption, settings, settings.Candidates ?? (4 * kept), progress, cancellation)];
        double[] scores = ranking.Scores(all, caption, cancellation);
        int[] best = [.. Enumerable.Range(0, all.Count).OrderByDescending(place => scores[place]).Take(kept)];
        return new CaptionPictures(
            new MadePictures(best.Select(place => all[place])) { Count = kept, HasSheet = true },
            new Rows(["candidate", "cosine"], [.. best.Select(place => (IReadOnlyList<object?>)[(long)place + 1, scores[place]])]),
            painter.Unknown(caption));
    }

    private IEnumerable<Image> Pictures(
        string caption, DalleGenerateSettings settings, int count, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        for (int done = 0; done < count;)
        {
            foreach (var picture in Batch(done, Math.Min(settings.Drawing.Batch, count - done)))
            {
                done++;
                yield return picture;
            }
        }

        List<Image> Batch(int first, int together)
        {
            using var scope = new TensorScope();
            var drawn = new Drawn(first, count, progress, cancellation);
            return painter.Paint(
                painter.Open(together), painter.Tokens(caption), settings.Sampling.Sampler, settings.Drawing.Seed, first, drawn);
        }
    }
}

/// <summary>The rest of pictures, by captions.</summary>
public sealed class DalleCompleteSession(OpenRequest request) : Session<CaptionedPicture, MadePictures, DalleCompleteSettings>
{
    private readonly DallePainter painter = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<MadePictures> Answer(
        IReadOnlyList<CaptionedPicture> inputs, DalleCompleteSettings settings, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        return [.. inputs.Select(input => new MadePictures(Pictures(input)) { Count = settings.Count, HasSheet = settings.Count > 1 })];

        IEnumerable<Image> Pictures(CaptionedPicture input)
        {
            for (int done = 0; done < settings.Count; done++)
                yield return Completed(input, settings, done, new Drawn(done, settings.Count, progress, cancellation));
        }
    }

    /// <inheritdoc/>
    protected override void Free() => painter.Dispose();

    private Image Completed(CaptionedPicture input, DalleCompleteSettings settings, int place, Drawn drawn)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var caption = painter.Tokens(input.Caption);
        var codes = painter.CodesOf(input.Image);
        var given = settings.Keep.Cells((int)codes.Size(1), (int)codes.Size(2), settings.Share, input.Image.Width, input.Image.Height);
        var open = codes.MaskedFill(given.LogicalNot().To(codes.Device), -1).Flatten(1);
        return painter.Paint(open, caption, settings.Sampling.Sampler, settings.Seed, place, drawn)[0];
    }
}

/// <summary>Pictures through the codes and back. Several threads may ask it.</summary>
public sealed class DalleReconstructSession : Session<Picture, ReconstructedPicture, DalleReconstructSettings>
{
    private const int DefaultSide = 256;
    private readonly Nn.Module network;
    private readonly Dvae dvae;
    private readonly int side;
    private readonly Device device;

    /// <summary>Loads the network.</summary>
    /// <exception cref="UsageException">It holds no autoencoder.</exception>
    public DalleReconstructSession(OpenRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        device = request.Device;
        network = request.Network<Nn.Module>();
        (Dvae? model, int own) = network switch
        {
            DalleModel whole => (whole.Dvae, whole.Side),
            Dvae alone => (alone, DefaultSide),
            _ => (null, 0),
        };
        dvae = model ?? throw new UsageException($"{request.Name} has no autoencoder of pictures");
        side = (request.Size ?? own) / dvae.Config.Downsampling * dvae.Config.Downsampling;
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<ReconstructedPicture> Answer(
        IReadOnlyList<Picture> inputs, DalleReconstructSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        return [.. inputs.Select(Reconstructed)];

        ReconstructedPicture Reconstructed(Picture input)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var inference = Gradients.Inference();
            var seen = settings.Square
                ? DallePictures.Square(input.Image, side)
                : DallePictures.Whole(input.Image, side, dvae.Config.Downsampling);
            var codes = dvae.Encode(DallePictures.ToUnit(seen).To(device));
            var painted = DallePictures.ToSymmetric(dvae.Decode(codes)).Cpu();
            long[] numbers = codes.Cpu().ToArray<long>();
            double difference = ((painted - seen).Abs().Mean() / 2).Item<double>();
            var picture = new MadePicture(PaintedPictures.Of(painted)[0]);
            return new ReconstructedPicture(picture, numbers.Length, numbers.Distinct().Count(), difference);
        }
    }

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();
}
