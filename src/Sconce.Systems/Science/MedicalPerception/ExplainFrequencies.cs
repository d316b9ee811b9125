using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Reports;
using Sconce.Systems.Analysis.Looks;
using Sconce.Torch;

namespace Sconce.Systems.Science.MedicalPerception;

/// <summary>What is compared.</summary>
[Settings]
public sealed partial record FrequencySettings
{
    /// <summary>Show how confidence and separation fall as fine detail is taken away, subgroup by subgroup.</summary>
    public bool Frequencies { get; init; }

    /// <summary>
    /// What people said: a table with the columns reader, picture, severity (0 is unfiltered), class and, if they said it, confidence.
    /// </summary>
    [FilePath]
    public string? Readers { get; init; }

    /// <summary>Each picture's subgroup: a table with the columns picture and group; its class where left out.</summary>
    [FilePath]
    public string? Groups { get; init; }

    /// <summary>The filters' radii in cycles a picture, falling; from half of the picture's side down where left out.</summary>
    public IReadOnlyList<double> Radii { get; init; } = [];
}

/// <summary>Readers compared.</summary>
/// <param name="Figures">A row a reader, subgroup and severity.</param>
/// <param name="Page">The same as curves, with the filtered pictures.</param>
public sealed record FrequencyAnswer(Rows Figures, Page Page) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("figures", Figures), ("frequencies", Page)];
}

/// <summary>
/// What a classifier leans on that people ignore: its answers under low-pass filters, beside those of people; 2011.14036.
/// </summary>
public sealed class ExplainFrequencies : Ability<PictureSet, FrequencyAnswer, FrequencySettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Explain;

    /// <inheritdoc/>
    public override string AskedBy => "frequencies";

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures by folder of their class in; out, how confidence and separation fall as fine detail goes, subgroup by subgroup";

    /// <inheritdoc/>
    public override bool TakesAllTogether => true;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("run1 --data photos/ --frequencies --out frequencies.html", "what a network leans on: fine detail or coarse"),
        ("run1 --data photos/ --frequencies --readers readers.csv --groups groups.csv", "beside people, subgroup by subgroup"),
    ];

    /// <inheritdoc/>
    public override bool SharesNetwork(IReadOnlyList<Capability> network) => ProbedNetwork.IsShared(network);

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<ImageClassifier>();

    /// <inheritdoc/>
    public override Session<PictureSet, FrequencyAnswer, FrequencySettings> Open(OpenRequest request) => new FrequencySession(request);
}

/// <summary>A classifier whose answers are compared.</summary>
internal sealed class FrequencySession(OpenRequest request) : Session<PictureSet, FrequencyAnswer, FrequencySettings>
{
    private const int Together = 32, LeastRadius = 2;
    private static readonly double[] Shares = [0.5, 0.35, 0.25, 0.18, 0.125, 0.09, 0.06];

    private static readonly string[] Columns = ["reader", "group", "severity", "radius", "pictures", "confidence", "separation", "AUROC"];
    private readonly ProbedNetwork network = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<FrequencyAnswer> Answer(
        IReadOnlyList<PictureSet> inputs, FrequencySettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Compared(input, settings, progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private FrequencyAnswer Compared(
        PictureSet set, FrequencySettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (network.Classes.Count == 0) throw new UsageException($"{request.Name} names no classes, so no folder says one of them");
        var labels = set.Labels(network.Classes);
        int[] known = [.. Enumerable.Range(0, labels.Count).Where(k => labels[k] is not null)];
        int[] right = [.. known.Select(k => labels[k]!.Value)];
        if (right.Distinct().Count() < 2)
        {
            throw new UsageException(
                $"{known.Length} of {labels.Count} pictures lie in a folder of a class's name, and two classes at least are wanted; the "
                + $"classes are {string.Join(", ", network.Classes.Take(6))}{(network.Classes.Count > 6 ? " …" : "")}");
        }

        string[] names = [.. known.Select(k => set.Pictures[k].Path ?? set.Pictures[k].Name)];
        string[] groups = settings.Groups is { } table ? ReadingTables.Groups(table, names) : [.. right.Select(network.NameOf)];
        double?[] radii = Radii(settings);
        var readers = new List<SeverityReadings> { Asked([.. known.Select(k => set.Pictures[k])], right, radii, progress, cancellation) };
        if (settings.Readers is { } people) readers.AddRange(ReadingTables.Readers(people, names, network.Classes, radii.Length));
        var figures = new List<SeverityFigure>();
        foreach (var reader in readers) figures.AddRange(reader.Figures(right, groups));
        var rows = new Rows(Columns, [.. figures.Select(figure => (IReadOnlyList<object?>)
            [figure.Reader, figure.Group, (long)figure.Severity, radii[figure.Severity], (long)figure.Count, figure.Confidence,
                figure.Separation, figure.Area])]);
        return new FrequencyAnswer(rows, Drawn(rows, figures, radii, set.Pictures[known[0]].Image));
    }

    /// <summary>None, then falling radii that fit the picture.</summary>
    private double?[] Radii(FrequencySettings settings)
    {
        double[] asked = settings.Radii.Count > 0 ? [.. settings.Radii] : [.. Shares.Select(share => share * network.Side)];
        double[] fitting = [.. asked.Where(radius => radius >= (settings.Radii.Count > 0 ? 0 : LeastRadius))];
        if (fitting.FirstOrDefault(radius => !(radius > 0) || radius >= network.Side) is var wrong and not 0)
        {
            throw new SettingsException("radii", called =>
                $"{called} {wrong}: a radius is more than 0 and less than the picture's side, {network.Side}");
        }

        return [null, .. fitting.Cast<double?>()];
    }

    private SeverityReadings Asked(
        Picture[] pictures, int[] right, double?[] radii, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var scores = new Dictionary<(int Severity, int Picture), double[]>();
        for (int first = 0; first < pictures.Length; first += Together)
        {
            using var inner = new TensorScope();
            var part = pictures.Skip(first).Take(Together).ToList();
            var plain = Tensor.Cat([.. part.Select(picture => network.Prepare(picture.Image))], 0);
            for (int severity = 0; severity < radii.Length; severity++)
            {
                cancellation.ThrowIfCancellationRequested();
                var chances = network.Scores(Filtered(plain, radii[severity])).To(DType.Float64).Softmax(-1).Cpu();
                for (int k = 0; k < part.Count; k++) scores[(severity, first + k)] = chances[k].ToArray<double>();
            }

            progress?.Report(new WorkProgress("filtering", Math.Min(first + Together, right.Length), right.Length));
        }

        return new SeverityReadings(request.Name, radii.Length, scores);
    }

    private static Tensor Filtered(Tensor pictures, double? radius) =>
        radius is { } asked ? FourierFilter.Apply(pictures, asked).Clamp(0, 1) : pictures;

    private Page Drawn(Rows rows, IReadOnlyList<SeverityFigure> figures, double?[] radii, Image example)
    {
        var page = new StandalonePage($"{request.Name}: what is left as fine detail goes")
            .Paragraph("Each picture is filtered with a Gaussian of a falling radius in its spectrum; severity 0 is the picture itself. "
                + "Confidence is the probability that a reader gives the right class. Separation is the Kolmogorov-Smirnov "
                + "statistic between a "
                + "subgroup's pictures and those of all other classes; it has no sign, so a reversed order counts too: AUROC below a half "
                + "tells it.");
        foreach (var (name, value) in ((string, Func<SeverityFigure, double>)[])
            [("confidence", figure => figure.Confidence), ("separation", figure => figure.Separation), ("AUROC", figure => figure.Area)])
        {
            page.Chart(name, "severity", [.. figures.GroupBy(figure => (figure.Reader, figure.Group)).Select(line => new PlottedLine(
                $"{line.Key.Reader}, {line.Key.Group}", [.. line.Select(figure => (double)figure.Severity)], [.. line.Select(value)]))]);
        }

        using var scope = new TensorScope();
        var plain = network.Prepare(example);
        page.Picture(
            "one picture at each severity: " + string.Join(", ", radii.Select(radius => radius is { } asked ? $"{asked:0.#}" : "none")),
            ImageGrid.Create(radii.Select(radius => Filtered(plain, radius)[0].ToImage()), radii.Length));
        return new Page(page.Table(rows).Render());
    }
}
