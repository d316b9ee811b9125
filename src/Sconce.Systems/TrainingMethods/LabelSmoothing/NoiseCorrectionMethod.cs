using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.LabelSmoothing;

/// <summary><c>--method noise_correction</c>: losses for labels of which a known share is wrong; 2003.02819 §3. (Smoothing is
/// <c>--label-smoothing</c>, with any method.)</summary>
public sealed class NoiseCorrectionMethod : ClassifierMethod
{
    /// <inheritdoc/>
    public override string Name => "noise_correction";

    /// <inheritdoc/>
    public override string Purpose =>
        "a classifier learns from labels of which a known share was drawn anew at random, by a loss that makes up for it";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<NoiseCorrectionSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
        [("resnet18 --method noise_correction --noise 0.4 --data crowd-labelled/ --out run7",
            "four labels in ten are no better than drawn by chance")];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        new ClassifierRun(setup, new ClassifierPlan { Method = this, Program = Program });

    private static ClassifierProgram Program(ClassifierRun run)
    {
        var settings = run.Configuration.Of<NoiseCorrectionSettings>();
        int classes = run.Data.Classes.Count;
        double noise = settings.Noise;
        bool forward = settings.Correction == NoiseCorrection.Forward;
        var labels = run.Labels;
        return new ClassifierProgram(run.Network, run.Player, labels, run.Device)
        {
            OtherLoss = (logits, _, batch) =>
            {
                var seen = labels.Labels(batch).To(run.Device);
                return forward
                    ? SmearedLosses.ForwardCorrected(logits, seen, LabelNoise.SymmetricTransition(classes, noise).To(run.Device))
                    : SmearedLosses.Compute(logits, seen, SmearedLosses.SymmetricBackwardMatrix(classes, noise).To(run.Device));
            },
        };
    }
}
