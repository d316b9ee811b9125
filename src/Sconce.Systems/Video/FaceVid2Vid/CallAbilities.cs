using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>Where the face is.</summary>
[Settings]
public sealed partial record EncodeSettings : ISettingsRule
{
    /// <summary>The face in the clip: left, top, right, bottom in pixels, with some room about it; else the middle square.</summary>
    [Within(0)]
    public IReadOnlyList<int> Box { get; init; } = [];

    /// <summary>The quality of the portrait's JPEG, which is sent once.</summary>
    [Within(1, 100)]
    public int Quality { get; init; } = 90;

    /// <inheritdoc/>
    public (string Setting, string Fault)? Misfit => FaceWindow.Fault("box", Box);
}

/// <summary>A clip as few numbers.</summary>
/// <param name="File">The <c>.sfv</c> file.</param>
/// <param name="Size">How large it is.</param>
public sealed record EncodeAnswer(MadeFile File, Rows Size) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", File), ("size", Size)];
}

/// <summary>Clips of a face to a portrait and some numbers a frame. 2011.15126 §5.</summary>
public sealed class EncodeCall : Ability<Clip, EncodeAnswer, EncodeSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Encode;

    /// <inheritdoc/>
    public override string Purpose => "clips of a face in; out, for each, one portrait and some numbers a frame; sound is left out";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("clip.mp4 --weights face.ckpt --out call.sfv", "a video call in a few bytes a frame")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<TalkingHead>();

    /// <inheritdoc/>
    public override Session<Clip, EncodeAnswer, EncodeSettings> Open(OpenRequest request) => new EncodeSession(request);
}

/// <summary>The sender's network.</summary>
internal sealed class EncodeSession(OpenRequest request) : Session<Clip, EncodeAnswer, EncodeSettings>
{
    private const int Bits = 8;
    private readonly FaceVid2VidNetwork network = request.Network<FaceVid2VidNetwork>();
    private readonly Device device = request.Device;
    private readonly ulong weights = CallFile.MarkOf(request.Weights);

    /// <inheritdoc/>
    protected override IReadOnlyList<EncodeAnswer> Answer(
        IReadOnlyList<Clip> inputs, EncodeSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Encoded(input, settings, progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private EncodeAnswer Encoded(Clip clip, EncodeSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        byte[]? portrait = null;
        var rows = new List<float[]>();
        foreach (var frame in clip.Frames("encoding", progress, cancellation))
        {
            var window = FaceWindow.Of(frame, settings.Box, "box", network.Side);
            portrait ??= window.Encode(ImageFormat.Jpeg, settings.Quality);
            rows.Add(Numbers(window));
        }

        int keypoints = network.Config.Detector.Keypoints;
        byte[] motion = MotionCoding.Encode(rows, CallFile.Steps(keypoints));
        byte[] bytes = new CallFile(weights, keypoints, rows.Count, clip.Rate, portrait, motion).ToBytes();
        double perFrame = (double)motion.Length / rows.Count;
        object?[] row = [rows.Count, bytes.Length, portrait!.Length, perFrame, perFrame * Bits * clip.Rate / 1000];
        return new EncodeAnswer(
            new MadeFile(CallFile.Extension, bytes),
            new Rows(["frames", "bytes", "portrait (bytes)", "bytes a frame", "kbit/s"], [row]));
    }

    /// <summary>Angles, position, offsets.</summary>
    private float[] Numbers(Image window)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var head = network.HeEstimator.Call(window.ToTensor().Unsqueeze(0).To(device));
        return [.. HeadAngles.Of(head).Tensors.Append(head.Translation).Append(head.Expression).SelectMany(part =>
            part.Cpu().Reshape([-1]).ToArray<float>())];
    }
}

/// <summary>An encoded clip: a file of <see cref="EncodeCall"/>.</summary>
public sealed class EncodedClip : IInput<EncodedClip>
{
    private EncodedClip(string path) => Path = path;

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.EncodedClip;

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public string Name => Path;

    /// <inheritdoc/>
    public static EncodedClip Of(string given) => new(given);

    /// <inheritdoc/>
    public void Prepare()
    {
        if (!File.Exists(Path)) throw new DataException(Path, "there is no such file");
    }
}

/// <summary>From where the head is seen.</summary>
[Settings]
public sealed partial record DecodeSettings
{
    /// <summary>Turn to the side by this many degrees, whatever the clip did.</summary>
    [Within(-90, 90)]
    public double? Yaw { get; init; }

    /// <summary>Nod by this many degrees, likewise.</summary>
    [Within(-90, 90)]
    public double? Pitch { get; init; }

    /// <summary>Tilt by this many degrees, likewise.</summary>
    [Within(-90, 90)]
    public double? Roll { get; init; }
}

/// <summary>Encoded clips made again, from any side.</summary>
public sealed class DecodeCall : Ability<EncodedClip, MadeClip, DecodeSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Decode;

    /// <inheritdoc/>
    public override string Purpose => "encoded clips in; out, the clips of the face, from any side";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("call.sfv --weights face.ckpt --out call.mp4", "as it was filmed"),
        ("call.sfv --yaw 20 --pitch -5 --weights face.ckpt --out side.mp4", "from the side and from below"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<TalkingHead>();

    /// <inheritdoc/>
    public override Session<EncodedClip, MadeClip, DecodeSettings> Open(OpenRequest request) => new DecodeSession(request);
}

/// <summary>The receiver's network, which has to be the sender's.</summary>
internal sealed class DecodeSession(OpenRequest request) : Session<EncodedClip, MadeClip, DecodeSettings>
{
    private readonly FaceVid2VidNetwork network = request.Network<FaceVid2VidNetwork>();
    private readonly Device device = request.Device;
    private readonly ulong weights = CallFile.MarkOf(request.Weights);

    /// <inheritdoc/>
    protected override IReadOnlyList<MadeClip> Answer(
        IReadOnlyList<EncodedClip> inputs, DecodeSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Decoded(input, settings, progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private MadeClip Decoded(EncodedClip input, DecodeSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var file = CallFile.Read(input.Path);
        if (file.Weights != weights || file.Keypoints != network.Config.Detector.Keypoints)
        {
            throw new DataException(input.Path,
                "it was encoded with other weights: its numbers mean nothing to these. Name those it was encoded with");
        }

        return new MadeClip(Frames(file, settings, progress, cancellation), file.Rate);
    }

    private IEnumerable<Image> Frames(CallFile file, DecodeSettings settings, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using var portrait = new HeldPortrait(network, device, Image.Decode(file.Portrait.Span, "the portrait"));
        int count = 0;
        foreach (float[] numbers in MotionCoding.Decode(file.Motion, file.Frames, CallFile.Steps(file.Keypoints)))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return portrait.Paint(numbers, settings);
            progress?.Report(new WorkProgress("decoding", ++count, file.Frames));
        }
    }
}

/// <summary>A portrait that is painted with numbers. Its tensors belong to no scope.</summary>
internal sealed class HeldPortrait : IDisposable
{
    private const int Angles = 3, Position = 3;
    private readonly FaceVid2VidNetwork network;
    private readonly Device device;
    private readonly FaceSource source;

    internal HeldPortrait(FaceVid2VidNetwork network, Device device, Image portrait)
    {
        (this.network, this.device) = (network, device);
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        source = network.Source(FaceWindow.Of(portrait, [], "box", network.Side).ToTensor().Unsqueeze(0).To(device)).Held();
    }

    public void Dispose()
    {
        foreach (var tensor in source.Tensors) tensor.Dispose();
    }

    /// <summary>The portrait with a frame's numbers, turned where that was asked for: 8-bit RGB.</summary>
    internal Image Paint(float[] numbers, DecodeSettings settings)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var angles = new HeadAngles(
            One(settings.Yaw ?? numbers[0]), One(settings.Pitch ?? numbers[1]), One(settings.Roll ?? numbers[2]));
        var head = new HeadState(
            angles.Yaw, angles.Pitch, angles.Roll,
            Tensor.From(numbers[Angles..(Angles + Position)], [1, Position]).To(device),
            Tensor.From(numbers[(Angles + Position)..], [1, numbers.Length - Angles - Position]).To(device));
        return network.Paint(source, HeadMotion.Apply(source.Canonical, head, angles))[0].Cpu().ToImage();
    }

    private Tensor One(double value) => Tensor.From([(float)value]).To(device);
}
