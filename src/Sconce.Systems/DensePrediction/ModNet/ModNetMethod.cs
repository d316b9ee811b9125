using Sconce.Data;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>Mattes learned from pictures that have them, or a trained network adapted to pictures that have none.</summary>
public abstract class MatteMethod : TrainingMethod
{
    /// <inheritdoc/>
    public sealed override TrainingRun Open(TrainingSetup setup) =>
        ProgramRun<MatteBatch>.Open(owned => ModNetRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public sealed override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        string place = data ?? network.Configuration?.Data
            ?? throw new SettingsException("data", called => $"{called} is missing: the folder of pictures with mattes");
        bool isOwn = network.IsOwn(data);
        var run = network.Configuration?.Run;
        var folder = isOwn ? MatteFolder.Open(place, needsMattes: false, run!.Validation, run.Seed, network.Kept) : null;
        var pictures = folder?.HeldOut ?? MatteFolder.OpenTest(place);
        var device = network.RunsOn;
        using var module = network.Variant.CreateTrained<ModNet>(network.Weights, new ModelOptions());
        module.To(device);
        var figures = MatteEvaluation.Run(module, pictures, network.Size ?? MatteNetwork.OfficialSide, device, progress, cancellation);
        var learned = isOwn ? null : network.Kept?.Learned(Enumerable.Range(0, pictures.Count).Select(pictures.NameOf));
        return new EvaluationReport(place, pictures.Count, figures) { Remarks = [.. folder?.Remarks ?? learned ?? []] };
    }
}

/// <summary>MODNet learns mattes from pictures of people and theirs: semantics, detail, fusion; 2011.11961 §3.</summary>
public sealed class ModNetMethod : MatteMethod
{
    /// <inheritdoc/>
    public override string Name => "modnet";

    /// <inheritdoc/>
    public override string Purpose =>
        "people are cut out, from pictures with mattes: subfolders images and mattes (grey, of the same names), in train and val or alone; "
        + "or pictures that are transparent themselves";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<ModNetTrainingSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("modnet --data pairs/ --out run7 --pretrained modnet.ckpt --epochs 10", "on your own mattes"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant?.Name == "modnet";
}

/// <summary>A trained MODNet adapts to a camera's unlabelled pictures by agreeing with itself; 2011.11961 §4.</summary>
public sealed class SocMethod : MatteMethod
{
    /// <inheritdoc/>
    public override string Name => "soc";

    /// <inheritdoc/>
    public override string Purpose =>
        "a trained matting network adapts to pictures without mattes: its sub-objectives learn to agree (2011.11961 §3.5). Any folder of "
        + "pictures will do";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<SocSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("modnet --method soc --data photos/ --pretrained run7/best.ckpt --out run8", "to another camera's pictures")];
}
