using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>Moves a portrait as somebody in a clip does.</summary>
public sealed record TalkingHead : Capability;

/// <summary>Who is moved, by whom, and how.</summary>
[Settings]
public sealed partial record AnimateSettings : ISettingsRule
{
    /// <summary>The portrait that is to move.</summary>
    [Required]
    public Picture? Source { get; init; }

    /// <summary>The clip of somebody who moves; its sound is kept.</summary>
    [Required]
    public Clip? Driving { get; init; }

    /// <summary>The face in the portrait: left, top, right, bottom in pixels, with some room about it; else the middle square.</summary>
    [Within(0)]
    public IReadOnlyList<int> Box { get; init; } = [];

    /// <summary>The face in the clip: left, top, right, bottom in pixels, with some room about it; else the middle square.</summary>
    [Within(0)]
    public IReadOnlyList<int> DrivingBox { get; init; } = [];

    /// <summary>
    /// Show the whole portrait in its own size, with the face moving in its square, whose edges fade; else the square alone. What is around
    /// stands still, so the square wants room about the head.
    /// </summary>
    public bool Whole { get; init; }

    /// <summary>Take positions from the clip as they are, where otherwise the portrait moves by as much as the clip's head does.</summary>
    public bool Absolute { get; init; }

    /// <summary>Turn to the side by this many degrees, whatever the clip does; positions are then the clip's own.</summary>
    [Within(-90, 90)]
    public double? Yaw { get; init; }

    /// <summary>Nod by this many degrees, likewise.</summary>
    [Within(-90, 90)]
    public double? Pitch { get; init; }

    /// <summary>Tilt by this many degrees, likewise.</summary>
    [Within(-90, 90)]
    public double? Roll { get; init; }

    /// <summary>
    /// Turn as a table says: columns seconds and any of yaw, pitch and roll, in degrees; between its rows the head turns evenly.
    /// </summary>
    [FilePath]
    public string? Turn { get; init; }

    /// <inheritdoc/>
    public (string Setting, string Fault)? Misfit => FaceWindow.Fault("box", Box) ?? FaceWindow.Fault("drivingBox", DrivingBox)
        ?? (Turn is not null && View.IsSet ? ("turn", "does not go together with yaw, pitch and roll") : null);

    /// <summary>The angles that hold for the whole clip.</summary>
    internal HeadView View => new(Yaw, Pitch, Roll);
}

/// <summary>A portrait that moved.</summary>
/// <param name="Clip">Made as its frames are read, while the session is open.</param>
/// <param name="Motion">How much the clip's head moves, and what that means.</param>
public sealed record AnimateAnswer(MadeClip Clip, Rows Motion) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Clip), ("motion", Motion)];
}

/// <summary>Moves portraits.</summary>
public sealed class AnimatePortrait : Ability<Nothing, AnimateAnswer, AnimateSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Animate;

    /// <inheritdoc/>
    public override string Purpose => "a portrait and a clip as settings; out, a clip of the portrait that moves as the clip's head does";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("--source portrait.jpg --driving clip.mp4 --out animated.mp4", "it turns and speaks as in the clip, with the clip's sound"),
        ("--source portrait.jpg --driving clip.mp4 --yaw 30 --out side.mp4", "seen from the side"),
        ("--source portrait.jpg --driving clip.mp4 --turn keys.csv", "turning over time, by a table of seconds, yaw, pitch, roll"),
        ("--source photo.jpg --box 420,130,720,430 --whole --driving clip.mp4", "in a larger photo, which is shown whole"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<TalkingHead>();

    /// <inheritdoc/>
    public override Session<Nothing, AnimateAnswer, AnimateSettings> Open(OpenRequest request) => new AnimateSession(request);
}

/// <summary>Moves portraits. Several threads may ask it.</summary>
public sealed class AnimateSession : Session<Nothing, AnimateAnswer, AnimateSettings>
{
    private readonly FaceVid2VidNetwork network;
    private readonly Device device;

    /// <summary>Loads it.</summary>
    public AnimateSession(OpenRequest request)
    {
        network = request.Network<FaceVid2VidNetwork>();
        device = request.Device;
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<AnimateAnswer> Answer(
        IReadOnlyList<Nothing> inputs, AnimateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var portrait = FaceWindow.Of(settings.Source!.Image, settings.Box, "box", network.Side);
        var driver = new DrivingClip(network, device, settings, progress, cancellation);
        var motion = driver.Scan(portrait);
        var frames = driver.Frames(portrait, motion.Start);
        if (settings.Whole) frames = Put(frames, settings);
        var clip = new MadeClip(frames, driver.Rate, settings.Driving!.Path);
        object?[] row = [motion.Count, motion.Turn, motion.Start, motion.Advice];
        return [new AnimateAnswer(clip, new Rows(["frames", "turns by (degrees)", "starts from frame", "advice"], [row]))];
    }

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    /// <summary>Each face back in its portrait.</summary>
    private static IEnumerable<Image> Put(IEnumerable<Image> faces, AnimateSettings settings)
    {
        var whole = settings.Source!.Image.To8Bit().ToRgb(Rgb.White);
        var square = FaceWindow.Square(whole, settings.Box, "box");
        return faces.Select(face =>
            FadedPatch.Over(whole, face.Resize(square.Width, square.Height, ResizeFilter.Bilinear), square));
    }
}
