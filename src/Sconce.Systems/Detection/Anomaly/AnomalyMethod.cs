using System.Diagnostics;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>Fits PatchCore or PaDiM to good parts: seconds, without gradients.</summary>
public sealed class AnomalyMethod : TrainingMethod
{
    internal const string PatchCore = "patchcore", Padim = "padim";
    internal const int OfficialSide = 224;

    /// <inheritdoc/>
    public override string Name => "anomaly";

    /// <inheritdoc/>
    public override string Purpose =>
        "what good parts look like is kept, without gradients. The data are a folder good/ with about thirty pictures, beside it " +
        "a folder a defect where there are some, with masks in ground_truth/; or MVTec's layout";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<AnomalySettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("patchcore --data parts/ --out run1 --backbone-weights wide_resnet50_2-95faca4d.pth",
            "thirty good parts become an inspector"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Name is PatchCore or Padim;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new AnomalyRun(setup, this);

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        string place = data ?? network.Configuration?.Data
            ?? throw new SettingsException("data", called => $"{called} is missing: the folder of parts");
        var parts = PartsFolder.Open(place);
        if (!parts.Test.Any(part => !part.IsGood)) throw new UsageException($"{place} has no pictures of defects to be asked about");
        using var model = InspectionModel.Load(network.Weights);
        var figures = InspectionFigures.Of(model, parts.Test, progress, cancellation);
        var kinds = parts.Test.Zip(figures.Scores).GroupBy(pair => pair.First.Defect ?? "good");
        return new EvaluationReport(place, parts.Test.Count, figures.ByName())
        {
            Remarks = parts.Remarks,
            Columns = ["pictures", "mean score", "lowest", "highest", "found bad"],
            Rows =
            [
                .. kinds.Select(kind => (kind.Key, (IReadOnlyList<double>)
                [
                    kind.Count(), kind.Average(pair => pair.Second), kind.Min(pair => pair.Second), kind.Max(pair => pair.Second),
                    kind.Count(pair => pair.Second >= model.Contract.Threshold),
                ])),
            ],
        };
    }
}

/// <summary>A run that fits.</summary>
internal sealed class AnomalyRun : TrainingRun
{
    private readonly PartsFolder parts;
    private readonly InspectionPlan plan;

    public AnomalyRun(TrainingSetup setup, AnomalyMethod method)
    {
        var configuration = setup.Configuration;
        ConfiguredParts.Verify(configuration, method);
        var variant = setup.Models.Get(configuration.Network);
        if (!method.IsDefaultFor(variant))
        {
            throw new UsageException($"{variant.Name} is not fitted to good parts: patchcore and padim are, over it as their backbone");
        }

        configuration = configuration.WithImageSize(configuration.ImageSize ?? AnomalyMethod.OfficialSide);
        configuration = ConfiguredParts.Settle(configuration, variant, method);
        parts = PartsFolder.Open(configuration.Data);
        setup.Tell(parts.Remarks);
        var settings = configuration.Of<AnomalySettings>();
        var weights = settings.Backbone.BackboneWeights is { } path ? Path.GetFullPath(path) : null;
        settings = settings with { Backbone = settings.Backbone with { BackboneWeights = weights } };
        Configuration = configuration with { Settings = settings };
        ConfiguredParts.UseThreads(Configuration);
        var way = variant.Name == AnomalyMethod.Padim ? InspectionMethod.Padim : InspectionMethod.PatchCore;
        int size = Configuration.ImageSize ?? AnomalyMethod.OfficialSide;
        plan = new InspectionPlan(way, settings.Backbone, settings.Normality, size, (int)Configuration.Run.Seed);
    }

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary
    {
        get
        {
            int bad = parts.Test.Count(part => !part.IsGood);
            string others = parts.Test.Count > 0
                ? $", {parts.Test.Count - bad} good and {bad} bad ones to set the threshold by"
                : ", no defects: the threshold comes from held-out good parts";
            string weights = plan.Backbone.BackboneWeights is null ? "; without official weights it finds coarse defects only" : "";
            return $"{Configuration.Network} over {plan.Network}, {parts.Good.Count} good parts{others}{weights}";
        }
    }

    /// <inheritdoc/>
    public override TrainingResult Train(
        RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        var watch = Stopwatch.StartNew();
        using var model = new InspectionFitting(plan).Fit(parts, Configuration.Data, progress, cancellation);
        var figures = new Dictionary<string, double> { ["threshold"] = model.Contract.Threshold, ["MB of good parts"] = model.Bytes / 1e6 };
        figures["ms a part"] = Milliseconds(model);
        if (parts.Test.Any(part => !part.IsGood))
        {
            foreach (var (name, value) in InspectionFigures.Of(model, parts.Test, progress, cancellation).ByName()) figures[name] = value;
        }

        if (folder is not null) model.Save(folder.Best, cancellation);
        var evaluation = new Evaluation(1, 1, 0, figures);
        var done = new RunProgress { Epoch = 1, Step = 1, Examples = parts.Good.Count, History = [evaluation], Finished = true };
        return new TrainingResult(done with { Seconds = watch.Elapsed.TotalSeconds }, false);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        Image.Load(parts.Good[0].Path).To8Bit().ToRgb().Resize(plan.Size, plan.Size).Save(picture);
        int count = parts.Good.Count;
        return [new SanityFinding("good parts", count >= 20, $"{count} of them; {picture} is the first as it is seen")];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }

    /// <summary>How long a part takes as it is asked about one by one, the network not compiled: the middle of a few.</summary>
    private double Milliseconds(InspectionModel model)
    {
        const int asked = 5;
        var times = new List<double>();
        for (int k = 0; k <= asked; k++)
        {
            var picture = Image.Load(parts.Good[k % parts.Good.Count].Path);
            var watch = Stopwatch.StartNew();
            model.Inspect(picture);
            if (k > 0) times.Add(watch.Elapsed.TotalMilliseconds); // the first one warms up
        }

        return times.Order().ElementAt(asked / 2);
    }
}
