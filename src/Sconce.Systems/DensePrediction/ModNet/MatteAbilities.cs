using Sconce.Abilities;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>People cut out of a picture.</summary>
/// <param name="Picture">With transparency, before a background, or the opacity alone.</param>
/// <param name="Presence">How sure the network is that there is somebody, in [0, 1].</param>
/// <param name="IsEmpty">Whether it was not sure enough, and nothing was cut out.</param>
public sealed record MatteAnswer(MadePicture Picture, double Presence, bool IsEmpty) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts =>
    [
        ("", Picture),
        ("found", new Rows(["presence", "person"], [[Presence, IsEmpty ? "none seen: the matte is empty" : "yes"]])),
    ];
}

/// <summary>People cut out of a clip.</summary>
/// <param name="Clip">Made as its frames are read, while the session is open.</param>
/// <param name="Seen">What was seen, known after the last frame.</param>
public sealed record ClipMatteAnswer(MadeClip Clip, Rows Seen) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Clip), ("found", Seen)];
}

/// <summary>Cuts people out of pictures.</summary>
public sealed class MattePicture : Ability<Picture, MatteAnswer, MatteSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Matte;

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures in; out, for each, the people in it with transparency about them, or before another background";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("photo.jpg --out cut.png", "the person, all else transparent"),
        ("photo.jpg --background beach.jpg --out trip.jpg", "before another picture, or a colour such as #20a040"),
    ];

    /// <inheritdoc/>
    public override Session<Picture, MatteAnswer, MatteSettings> Open(OpenRequest request) => new MattePictureSession(request);
}

/// <summary>Cuts people out of clips.</summary>
public sealed class MatteClip : Ability<Clip, ClipMatteAnswer, ClipMatteSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Matte;

    /// <inheritdoc/>
    public override string Purpose => "clips in; out, for each, a clip of the people in it, with its sound";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("clip.mp4 --out cut.webm", "a clip with transparency and its sound; .gif too"),
        ("clip.mp4 --background green --out green.mp4", "before a colour or a picture, as MP4"),
    ];

    /// <inheritdoc/>
    public override Session<Clip, ClipMatteAnswer, ClipMatteSettings> Open(OpenRequest request) => new MatteClipSession(request);
}
