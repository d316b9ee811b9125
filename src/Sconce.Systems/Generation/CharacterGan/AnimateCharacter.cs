using Sconce.Abilities;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>Which poses are drawn, and how.</summary>
[Settings]
public sealed partial record CharacterAnimateSettings
{
    /// <summary>The poses: a table of label, x, y and the pose's name, as the character was learned from.</summary>
    [FilePath]
    [Required]
    public string? Keypoints { get; init; }

    /// <summary>Poses that are put between each two of the table, straight from one to the other.</summary>
    [Within(0, 1000)]
    public int Between { get; init; }

    /// <summary>Frames a second.</summary>
    [Within(0, 240, Above = true)]
    public double Fps { get; init; } = 12;

    /// <summary>The longer side of the frames in pixels; the learned one where left out.</summary>
    [Within(8, 4096)]
    [LeftOpen]
    public int? FrameSize { get; init; }

    /// <summary>
    /// Cut the character out by the mask that it was learned with: its surroundings are transparent (WebM, GIF, WebP, PNG).
    /// </summary>
    public bool Mask { get; init; }

    /// <summary>Give a picture a pose in place of a clip.</summary>
    public bool Frames { get; init; }
}

/// <summary>What was drawn.</summary>
/// <param name="Made">A clip, or pictures.</param>
public sealed record CharacterAnimation(Answer Made) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Made)];
}

/// <summary>A character in new poses.</summary>
public sealed class AnimateCharacter : Ability<Nothing, CharacterAnimation, CharacterAnimateSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Animate;

    /// <inheritdoc/>
    public override string Purpose => "a table of keypoints as a setting; out, a clip of the character in these poses";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("--keypoints walk.csv --between 3 --out walk.mp4", "each pose, and three between each two"),
        ("--keypoints walk.csv --mask --out walk.webp", "without background, where it was learned with a mask"),
        ("--keypoints walk.csv --frames --out walk/", "a picture a pose"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<CharacterDrawer>();

    /// <inheritdoc/>
    public override Session<Nothing, CharacterAnimation, CharacterAnimateSettings> Open(OpenRequest request) =>
        new CharacterAnimateSession(request);
}
