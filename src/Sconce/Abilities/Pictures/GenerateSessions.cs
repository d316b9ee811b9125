using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>Paints pictures from latents.</summary>
public sealed class GenerateSession(OpenRequest request) : Session<Nothing, MadePictures, GenerateSettings>
{
    private readonly LatentPictures painter =
        new(request.Network<Module<Tensor, Tensor>>(), request.Get<ImageGenerator>().Latent, request.Device);

    /// <inheritdoc/>
    protected override IReadOnlyList<MadePictures> Answer(
        IReadOnlyList<Nothing> inputs, GenerateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(_ => painter.Make(settings, (first, _) => painter.Network.Call(first), progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => painter.Dispose();
}

/// <summary>Paints pictures from styles.</summary>
public sealed class StyleGenerateSession : Session<Nothing, GeneratedPictures, StyleGenerateSettings>
{
    private readonly StyleDrawing drawing;

    /// <summary>Loads the network.</summary>
    /// <exception cref="UsageException">It has no styles.</exception>
    public StyleGenerateSession(OpenRequest request)
    {
        int latent = request.Get<ImageGenerator>().Latent;
        drawing = new StyleDrawing(request.Network<Module<Tensor, Tensor>>(), latent, request.Device, request.NetworkName);
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<GeneratedPictures> Answer(
        IReadOnlyList<Nothing> inputs, StyleGenerateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(_ => drawing.Answer(settings, progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => drawing.Dispose();
}
