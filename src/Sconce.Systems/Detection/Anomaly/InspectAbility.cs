using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>A network that is fitted to good parts.</summary>
public sealed record PartInspector : Capability;

/// <summary>Where the line lies, and what is drawn.</summary>
[Settings]
public sealed partial record InspectSettings
{
    /// <summary>A score from which on a part is bad, in place of the model's own.</summary>
    [LeftOpen]
    public double? Threshold { get; init; }

    /// <summary>How strongly the heat lies over the picture.</summary>
    [Within(0, 1)]
    public double Opacity { get; init; } = 0.5;
}

/// <summary>What was found in a picture of a part.</summary>
/// <param name="Verdict">One row: score, threshold, verdict, the number of defects.</param>
/// <param name="Defects">A row a defect: box, area, peak and contour, in pixels of the picture.</param>
/// <param name="Heat">The picture with the heat over it and the contours.</param>
/// <param name="Map">The heat alone, 16 bits, on the same scale for every picture.</param>
/// <param name="Found">The same as a program reads it.</param>
public sealed record InspectionAnswer(Rows Verdict, Rows Defects, MadePicture Heat, MadePicture Map, Inspection Found) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => Defects.Items.Count == 0
        ? [("", Verdict), ("heat", Heat), ("map", Map)]
        : [("", Verdict), ("defects", Defects), ("heat", Heat), ("map", Map)];
}

/// <summary>Whether a part is good, and where it is not.</summary>
public sealed class Inspect : Ability<Picture, InspectionAnswer, InspectSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Inspect;

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures of parts in; out, for each, score, threshold, verdict, a heat map over the picture, " +
        "and the contours of what is not as in good parts";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("parts/ --weights run1/best.ckpt --out maps/ --csv verdicts.csv", "a folder of parts, into maps and a table"),
        ("camera/ --weights run1/best.ckpt --watch --out maps/ --csv verdicts.csv --json", "a camera's folder, each picture as it comes"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<PartInspector>();

    /// <inheritdoc/>
    public override Session<Picture, InspectionAnswer, InspectSettings> Open(OpenRequest request)
    {
        var model = InspectionModel.Load(request.Weights);
        if (request.Compiles) model.Compile();
        return new InspectSession(model);
    }
}

/// <summary>A model of good parts that is asked. Several threads may ask it.</summary>
/// <param name="model">Belongs to the session from then on.</param>
public sealed class InspectSession(InspectionModel model) : Session<Picture, InspectionAnswer, InspectSettings>
{
    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    public override int BatchSize => 4;

    /// <summary>What the model says of itself.</summary>
    public InspectionContract Contract => model.Contract;

    /// <inheritdoc/>
    protected override IReadOnlyList<InspectionAnswer> Answer(
        IReadOnlyList<Picture> inputs, InspectSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var contract = model.Contract with { Threshold = settings.Threshold ?? model.Contract.Threshold };
        var pictures = inputs.Select(input => input.Image.To8Bit().ToRgb()).ToList();
        return [.. model.Inspect(pictures, contract: contract).Select((found, k) => Told(pictures[k], found, contract, settings))];
    }

    /// <inheritdoc/>
    protected override void Free() => model.Dispose();

    private static InspectionAnswer Told(Image picture, Inspection found, InspectionContract contract, InspectSettings settings)
    {
        var verdict = new Rows(
            ["score", "threshold", "verdict", "defects"],
            [[found.Score, found.Threshold, found.IsGood ? "good" : "defect", (long)found.Defects.Count]]);
        var defects = new Rows(
            ["left", "top", "right", "bottom", "area", "peak", "contour"],
            [
                .. found.Defects.Select(defect => (IReadOnlyList<object?>)
                [
                    (long)defect.Left, (long)defect.Top, (long)defect.Right, (long)defect.Bottom, Math.Round(defect.Area), defect.Peak,
                    string.Join(' ', defect.Outline.Select(corner => FormattableString.Invariant($"{corner.X},{corner.Y}"))),
                ]),
            ]);
        var heat = HeatDrawing.Over(picture, found, contract, settings.Opacity);
        return new InspectionAnswer(verdict, defects, new MadePicture(heat), new MadePicture(HeatDrawing.Map(found, contract)), found);
    }
}
