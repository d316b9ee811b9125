using Sconce.Abilities;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>CLIP's encoder of pictures. Several threads may ask it.</summary>
public sealed class ClipPictureSession : Session<Picture, Points, EmbedSettings>
{
    private readonly LoadedClip clip;

    /// <summary>Loads it.</summary>
    public ClipPictureSession(OpenRequest request) => clip = new LoadedClip(request);

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    public override int BatchSize => 8;

    /// <inheritdoc/>
    protected override IReadOnlyList<Points> Answer(
        IReadOnlyList<Picture> inputs, EmbedSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        return ClipRows.Of(clip.Model.EncodeImage(clip.Prepared(inputs, cancellation)), settings.Normalize);
    }

    /// <inheritdoc/>
    protected override void Free() => clip.Dispose();
}

/// <summary>CLIP's encoder of sentences. Several threads may ask it.</summary>
public sealed class ClipSentenceSession : Session<Words, Points, ClipSentenceSettings>
{
    private readonly LoadedClip clip;

    /// <summary>Loads it.</summary>
    public ClipSentenceSession(OpenRequest request) => clip = new LoadedClip(request);

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    public override int BatchSize => 32;

    /// <inheritdoc/>
    protected override IReadOnlyList<Points> Answer(
        IReadOnlyList<Words> inputs, ClipSentenceSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var tokenizer = clip.Tokenizer(settings.Tokens.Vocabulary);
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var tokens = ZeroShotClassifier.Tokens(tokenizer, [.. inputs.Select(input => input.Text)], clip.Model.Config.Text.ContextLength);
        return ClipRows.Of(clip.Model.EncodeText(tokens.To(clip.Model.TextProjection.Device)), settings.Normalize);
    }

    /// <inheritdoc/>
    protected override void Free() => clip.Dispose();
}

/// <summary>Embeddings as answers.</summary>
internal static class ClipRows
{
    /// <summary>A row each; <c>(N, embedding)</c>.</summary>
    public static IReadOnlyList<Points> Of(Tensor embeddings, bool normalize)
    {
        var rows = normalize ? ContrastiveLoss.UnitLength(embeddings) : embeddings;
        return [.. rows.Float().Cpu().Unbind().Select(row => new Points([row.ToArray<float>()]))];
    }
}
