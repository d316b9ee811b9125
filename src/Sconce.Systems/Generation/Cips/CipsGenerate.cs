using Sconce.Abilities;
using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Cips;

/// <summary>How single pixels are painted.</summary>
[Settings]
public sealed partial record CipsGenerateSettings
{
    /// <summary>Which pictures.</summary>
    public StyleGenerateSettings Painting { get; init; } = new();

    /// <summary>Only a rectangle of each picture: left column, upper row, width and height in pixels, such as 512,512,256,128.</summary>
    public string? Region { get; init; }
}

/// <summary>New pictures of any size, or parts of them, pixel by pixel.</summary>
public sealed class CipsGenerate : Ability<Nothing, GeneratedPictures, CipsGenerateSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Generate;

    /// <inheritdoc/>
    public override string Purpose => "nothing in; out, new pictures of any size, or a part of each, without painting the rest";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("--weights g.pt --size 1024 --count 4 --out large.png", "larger than the pictures that it learned"),
        ("--weights g.pt --size 4096 --region 1024,1024,512,512 --count 1 --out part.png", "a part of a picture that is never whole"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<PixelGenerator>();

    /// <inheritdoc/>
    public override Session<Nothing, GeneratedPictures, CipsGenerateSettings> Open(OpenRequest request) => new CipsGenerateSession(request);
}

/// <summary>
/// Paints pixels. The network is built for the side that it learned, which its embedding tells; the side that is asked for is that of what
/// is painted.
/// </summary>
public sealed class CipsGenerateSession : Session<Nothing, GeneratedPictures, CipsGenerateSettings>
{
    private readonly CipsGenerator network;
    private readonly StyleDrawing drawing;
    private readonly int side;
    private PixelRegion region;

    /// <summary>Loads the network.</summary>
    /// <exception cref="CheckpointException">The file holds no such generator.</exception>
    public CipsGenerateSession(OpenRequest request)
    {
        network = Load(request);
        side = request.Size ?? network.Config.Size;
        region = PixelRegion.Whole(side);
        drawing = new StyleDrawing(network, network.Config.StyleWidth, request.Device, request.NetworkName)
        {
            Paint = styles => region.Paint(network, styles.Select(1, 0)),
        };
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<GeneratedPictures> Answer(
        IReadOnlyList<Nothing> inputs, CipsGenerateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        region = PixelRegion.Of(settings.Region, side);
        return [.. inputs.Select(_ => drawing.Answer(settings.Painting, progress, cancellation))];
    }

    /// <inheritdoc/>
    protected override void Free() => drawing.Dispose();

    private static CipsGenerator Load(OpenRequest request)
    {
        const string embedding = "emb.input";
        string path = request.Weights;
        request.Progress?.Report(new WorkProgress("loading", 0, 1, Path.GetFileName(path)));
        int learned;
        using (var checkpoint = Checkpoint.Open(path))
        {
            var found = checkpoint.Tensors.FirstOrDefault(tensor => tensor.Name.EndsWith(embedding, StringComparison.Ordinal));
            if (found is not { Shape: [_, _, var height, var width] } || height != width || height < 4 || !long.IsPow2(height))
            {
                throw new CheckpointException(
                    path,
                    $"it has no '{embedding}' of a square picture: it is no generator of {request.NetworkName}, but its discriminator's, "
                    + "maybe");
            }

            learned = (int)height;
        }

        CipsGenerator network;
        using (Init.Skipped()) network = request.Get<PixelGenerator>().Create(learned);
        try
        {
            PlayerCheckpoint.Load(network, path, "g_ema", "g");
            network.Eval();
            network.To(request.Device);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
