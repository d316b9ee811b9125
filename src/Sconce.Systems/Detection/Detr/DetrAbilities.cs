using Sconce.Abilities;

namespace Sconce.Systems.Detection.Detr;

/// <summary>A network of boxes; panoptic ones give masks too.</summary>
/// <param name="Classes">Of its official weights.</param>
/// <param name="Head">The key of the layer that gives them.</param>
/// <param name="GivesMasks">Whether it is panoptic: a <see cref="DetrSegmentation"/>, whose head is inside its detector.</param>
public sealed record DetrDetector(int Classes, string Head, bool GivesMasks) : Capability, IHasClasses
{
    /// <summary>The shorter side, in pixels, at which it sees pictures where none is asked for.</summary>
    public int Side { get; init; } = 800;
}

/// <summary>Which objects are told.</summary>
[Settings]
public sealed partial record DetrDetectSettings
{
    /// <summary>The least confidence of an answer.</summary>
    [Within(0, 1)]
    public double Threshold { get; init; } = 0.7;

    /// <summary>What the classes are called, in the order of the network's outputs, where they are not its official ones.</summary>
    public LabelList? Labels { get; init; }
}

/// <summary>Which segments are told.</summary>
[Settings]
public sealed partial record DetrSegmentSettings
{
    /// <summary>The least confidence of a segment.</summary>
    [Within(0, 1)]
    public double Threshold { get; init; } = 0.85;

    /// <summary>What the classes are called, in the order of the network's outputs, where they are not its official ones.</summary>
    public LabelList? Labels { get; init; }
}

/// <summary>Objects and kinds of stuff with their pixels.</summary>
/// <param name="Objects">The segments' boxes, surest first.</param>
/// <param name="Classes">The class of every pixel.</param>
/// <param name="Drawn">The picture with each segment tinted and named.</param>
public sealed record PanopticAnswer(Boxes Objects, Mask Classes, MadePicture Drawn) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Objects), ("mask", Classes), ("drawn", Drawn)];
}

/// <summary>What is where in a picture.</summary>
public sealed class DetrDetect : Ability<Picture, Boxes, DetrDetectSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Detect;

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures in; out, for each, its objects with their boxes, and a copy of the picture with the boxes drawn in";

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Find<DetrDetector>() is { GivesMasks: false };

    /// <inheritdoc/>
    public override Session<Picture, Boxes, DetrDetectSettings> Open(OpenRequest request) => new DetrDetectSession(request);
}

/// <summary>Which object or kind of stuff every pixel belongs to.</summary>
public sealed class DetrSegment : Ability<Picture, PanopticAnswer, DetrSegmentSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Segment;

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures in; out, for each, its segments with names and boxes, the class of every pixel, and a copy of the picture with the "
        + "segments drawn in";

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Find<DetrDetector>() is { GivesMasks: true };

    /// <inheritdoc/>
    public override Session<Picture, PanopticAnswer, DetrSegmentSettings> Open(OpenRequest request) => new DetrSegmentSession(request);
}
