namespace Sconce.Abilities;

/// <summary>How a picture's classes are told.</summary>
[Settings]
public sealed partial record ClassifySettings
{
    /// <summary>How many classes are told, likeliest first.</summary>
    [Within(1)]
    public int Top { get; init; } = 5;

    /// <summary>What the classes are called, in the order of the network's outputs, where they are not its official ones.</summary>
    public LabelList? Labels { get; init; }

    /// <summary>When it abstains.</summary>
    public AbstentionSettings Abstention { get; init; } = new();
}

/// <summary>What a picture shows, by any classifier of pictures: its likeliest classes.</summary>
public sealed class Classify : Ability<Picture, Labels, ClassifySettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Classify;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, its likeliest classes with their probabilities";

    /// <inheritdoc/>
    public override bool SharesNetwork(IReadOnlyList<Capability> network) => true;

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<ImageClassifier>();

    /// <inheritdoc/>
    public override Session<Picture, Labels, ClassifySettings> Open(OpenRequest request) => new ClassifierSession(request);
}
