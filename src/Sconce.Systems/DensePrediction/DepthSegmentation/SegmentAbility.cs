using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>Which pixels are told.</summary>
[Settings]
public sealed partial record StreetSettings
{
    /// <summary>The least confidence of a pixel's class; less sure ones are unknown.</summary>
    [Within(0, 1)]
    public double Threshold { get; init; }

    /// <summary>What the classes are called, in the order of the network's outputs, where they are not its official ones.</summary>
    public LabelList? Labels { get; init; }
}

/// <summary>What the pixels of a picture show.</summary>
/// <param name="Classes">The class of every pixel.</param>
/// <param name="Drawn">The picture with each class tinted.</param>
public sealed record StreetAnswer(Mask Classes, MadePicture Drawn) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Classes), ("drawn", Drawn)];
}

/// <summary>What every pixel of a street scene shows.</summary>
public sealed class SegmentStreet : Ability<Picture, StreetAnswer, StreetSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Segment;

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures in; out, for each, the class of every pixel, and a copy of the picture with the classes tinted";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("street.jpg --out classes.png", "the classes' numbers, 255 where unknown; classes-drawn.png to look at")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<PixelClassifier>();

    /// <inheritdoc/>
    public override Session<Picture, StreetAnswer, StreetSettings> Open(OpenRequest request) => new StreetSession(request);
}

/// <summary>Classes of pixels. Several threads may ask it.</summary>
/// <param name="request">The network with its weights.</param>
internal sealed class StreetSession(OpenRequest request)
    : PictureSession<StreetNetwork, StreetAnswer, StreetSettings>(new StreetNetwork(request))
{
    private readonly IReadOnlyList<string> names = request.Classes ?? request.Get<PixelClassifier>().Names;

    /// <inheritdoc/>
    protected override StreetAnswer Look(Image picture, StreetSettings settings)
    {
        var logits = StreetNetwork.Whole(Network.See(picture).Semantics!, picture); // (classes, H, W)
        var called = Names(settings.Labels, (int)logits.Size(0));
        var (sureness, classes) = logits.Softmax(0).Max(0);
        long[] told = classes.MaskedFill(sureness < settings.Threshold, -1).Reshape([-1]).ToArray<long>();
        var mask = new Mask(picture.Width, picture.Height, [.. told.Select(number => (int)number)], called);
        return new StreetAnswer(mask, new MadePicture(MaskDrawing.Over(picture, mask)));
    }

    private IReadOnlyList<string> Names(LabelList? asked, int outputs)
    {
        if (asked is not null && asked.Names.Count != outputs)
        {
            throw new SettingsException("labels", called => $"{called} names {asked.Names.Count} classes, but the network has {outputs}");
        }

        if (asked is not null) return asked.Names;
        return names.Count == outputs ? names : [.. Enumerable.Range(0, outputs).Select(number => $"class {number}")];
    }
}
