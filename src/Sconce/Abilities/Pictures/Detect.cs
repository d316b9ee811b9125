using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>
/// Finds objects in a picture: boxes in its own pixels, labels from 0, scores in [0, 1]; off the tape, in the caller's scope.
/// </summary>
/// <param name="network">The detector, in evaluation.</param>
/// <param name="picture">8-bit RGB of any size.</param>
/// <param name="side">The side that was asked for, in pixels; null for the network's own.</param>
/// <param name="device">Where the network is.</param>
public delegate IReadOnlyList<DetectedBox> PictureLook(Module network, Image picture, int? side, Device device);

/// <summary>A network that finds objects in pictures.</summary>
/// <param name="Look">How it is asked.</param>
/// <param name="Names">Of its official classes.</param>
/// <param name="Head">The key of the layer that gives them; empty where it cannot be replaced.</param>
public sealed record PictureDetector(PictureLook Look, IReadOnlyList<string> Names, string Head = "") : Capability, IHasClasses
{
    /// <inheritdoc/>
    public int Classes => Names.Count;
}

/// <summary>Which objects are told.</summary>
[Settings]
public sealed partial record DetectSettings
{
    /// <summary>The least confidence of an answer.</summary>
    [Within(0, 1)]
    public double Threshold { get; init; } = 0.5;

    /// <summary>What the classes are called, in the order of the network's outputs, where they are not its own.</summary>
    public LabelList? Labels { get; init; }
}

/// <summary>What is where in a picture.</summary>
public sealed class Detect : Ability<Picture, Boxes, DetectSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Detect;

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures in; out, for each, its objects with their boxes, and a copy of the picture with the boxes drawn in";

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<PictureDetector>();

    /// <inheritdoc/>
    public override Session<Picture, Boxes, DetectSettings> Open(OpenRequest request) => new DetectSession(request);
}

/// <summary>A detector with its weights.</summary>
internal sealed class DetectSession(OpenRequest request) : PictureSession<Module, Boxes, DetectSettings>(request.Network<Module>())
{
    private readonly PictureLook look = request.Get<PictureDetector>().Look;
    private readonly int? side = request.Size;
    private readonly Device device = request.Device;
    private readonly IReadOnlyList<string> names = request.Classes ?? request.Get<PictureDetector>().Names;

    /// <inheritdoc/>
    protected override Boxes Look(Image picture, DetectSettings settings)
    {
        var boxes = look(Network, picture, side, device).Where(box => box.Score >= settings.Threshold).OrderByDescending(box => box.Score);
        return new Boxes([.. boxes.Select(box => Named(Clipped(box, picture), settings.Labels?.Names ?? names))]);
    }

    private static DetectedBox Clipped(DetectedBox box, Image picture) => box with
    {
        Left = Math.Clamp(box.Left, 0, picture.Width),
        Top = Math.Clamp(box.Top, 0, picture.Height),
        Right = Math.Clamp(box.Right, 0, picture.Width),
        Bottom = Math.Clamp(box.Bottom, 0, picture.Height),
    };

    private static Box Named(DetectedBox box, IReadOnlyList<string> names)
    {
        if (box.Label >= names.Count)
        {
            throw new SettingsException(
                "labels", called => $"{called} names {names.Count} classes, but the network has a class {box.Label + 1}");
        }

        return new Box(names[box.Label], box.Score, box.Left, box.Top, box.Right, box.Bottom, box.Label);
    }
}
