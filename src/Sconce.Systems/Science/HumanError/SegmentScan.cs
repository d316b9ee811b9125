using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.HumanError;

/// <summary>Tells what is truly at every pixel, whatever annotators would write.</summary>
/// <param name="Classes">Of a pixel.</param>
/// <param name="Head">The key of the layer that gives them; empty where it cannot be replaced.</param>
public sealed record TrueMask(int Classes, string Head = "") : Capability, IHasClasses;

/// <summary>Which pixels are told.</summary>
[Settings]
public sealed partial record SegmentScanSettings
{
    /// <summary>The least confidence of a pixel's class; less sure ones are unknown.</summary>
    [Within(0, 1)]
    public double Threshold { get; init; }
}

/// <summary>The estimated truth of a picture.</summary>
/// <param name="Classes">The class of every pixel.</param>
/// <param name="Drawn">The picture with each class tinted.</param>
public sealed record SegmentedScan(Mask Classes, MadePicture Drawn) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Classes), ("drawn", Drawn)];
}

/// <summary>The estimated true mask of a picture.</summary>
public sealed class SegmentScan : Ability<Picture, SegmentedScan, SegmentScanSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Segment;

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures in; out, for each, what is truly at every pixel as far as the annotators' errors could be told apart";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("scan.png --weights run7 --out mask.png", "with a network that was trained here")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<TrueMask>();

    /// <inheritdoc/>
    public override Session<Picture, SegmentedScan, SegmentScanSettings> Open(OpenRequest request) => new SegmentScanSession(request);
}

/// <summary>A network with its weights. Several threads may ask it.</summary>
internal sealed class SegmentScanSession : Session<Picture, SegmentedScan, SegmentScanSettings>
{
    private readonly Module<Tensor, Tensor> network;
    private readonly IReadOnlyList<string> classes;
    private readonly Device device;
    private readonly int side;

    public SegmentScanSession(OpenRequest request)
    {
        (device, side) = (request.Device, request.Size ?? HumanErrorVariants.Side);
        classes = request.Classes ?? throw new UsageException($"{request.Name}: only a run of this network knows its classes");
        network = request.Network<Module<Tensor, Tensor>>();
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<SegmentedScan> Answer(
        IReadOnlyList<Picture> inputs, SegmentScanSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Segmented(input.Image.To8Bit().ToRgb(), settings, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private SegmentedScan Segmented(Image picture, SegmentScanSettings settings, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var input = Tensor.From(AnnotatedRecipe.Pixels(picture, side), [1, 3, side, side]).To(device);
        var whole = Functional.Interpolate(network.Call(input), [picture.Height, picture.Width], Interpolation.Bilinear);
        var (sureness, told) = whole[0].Softmax(0).Max(0);
        long[] numbers = told.MaskedFill(sureness < settings.Threshold, -1).Reshape([-1]).ToArray<long>();
        var mask = new Mask(picture.Width, picture.Height, [.. numbers.Select(number => (int)number)], classes);
        return new SegmentedScan(mask, new MadePicture(MaskDrawing.Over(picture, mask)));
    }
}
