using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>How a picture's features are given.</summary>
[Settings]
public sealed partial record EmbedSettings
{
    /// <summary>Whether each row is brought to length one, so that products are cosines.</summary>
    public bool Normalize { get; init; }
}

/// <summary>What a network has before its classifier: numbers that stand for a picture.</summary>
public sealed class Embed : Ability<Picture, Points, EmbedSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Embed;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, the numbers before the network's classifier";

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<ImageClassifier>() || network.Has<ImageEncoder>();

    /// <inheritdoc/>
    public override Session<Picture, Points, EmbedSettings> Open(OpenRequest request) => new EmbedSession(request);
}

/// <summary>A trunk with its weights. Several threads may ask it.</summary>
public sealed class EmbedSession : Session<Picture, Points, EmbedSettings>
{
    private readonly PictureNetwork network;
    private readonly string name;

    /// <summary>Loads it.</summary>
    /// <exception cref="UsageException">The network has no features of whole pictures, or no weights were named.</exception>
    public EmbedSession(OpenRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        name = request.Name;
        network = new PictureNetwork(request, request.Get<TakesPictures>().Preprocessing, request.Features());
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    public override int BatchSize => 8;

    /// <inheritdoc/>
    protected override IReadOnlyList<Points> Answer(
        IReadOnlyList<Picture> inputs, EmbedSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        network.Ask(inputs, row => new Points([Row(row, settings)]), cancellation);

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private float[] Row(Tensor row, EmbedSettings settings)
    {
        if (row.Dimensions != 1)
            throw new UsageException($"{name} has features of the shape [{string.Join(", ", row.Shape.ToArray())}] a picture, not a row");
        return (settings.Normalize ? row / row.Norm() : row).ToArray<float>();
    }
}
