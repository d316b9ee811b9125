using Sconce.Training;

namespace Sconce.Systems.Training.LabelSmoothing;

/// <summary><c>--method noise_correction</c>: losses for labels of which a known share is wrong; 2003.02819 §3. (Smoothing is <c>--label-smoothing</c>, with any method.)</summary>
public sealed class NoiseCorrectionMethod : ClassifierMethod
{
    /// <inheritdoc/>
    public override string Name => "noise_correction";

    /// <inheritdoc/>
    public override string Purpose => "a classifier learns from labels of which a known share was drawn anew at random, by a loss that makes up for it";

    /// <inheritdoc/>
    public override IReadOnlyList<MethodOption> Options { get; } =
    [
        MethodOption.Real("noise", "The share of labels that were drawn anew, the right one among them", 0.2, 0, 1, below: true),
        MethodOption.Choice("correction", "forward: the network's answers are made as noisy as the labels; backward: the loss is made unbiased, and may be negative (clip the gradients)", "forward", "forward", "backward"),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
        [("sconce train resnet18 --method noise_correction --noise 0.4 --data crowd-labelled/ --out run7", "four labels in ten are no better than drawn by chance")];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup)
    {
        ClassifierSettings.RefuseMixing(setup.Configuration, $"{Name} corrects labels of one class");
        ClassifierSettings.RefuseSmoothing(setup.Configuration, Name);
        return new ClassifierRun(setup, new ClassifierPlan { Method = this, Objective = Objective });
    }

    private static ClassifierLoss Objective(ClassifierRun run)
    {
        var options = run.Configuration.MethodOptions;
        int classes = run.Data.Classes.Count;
        double noise = options.Real("noise");
        bool forward = options.Text("correction") == "forward";
        var labels = new ClassifierObjective(run.Network, classes, device: run.Device);
        return new ClassifierLoss(run, (logits, _, batch) =>
        {
            var seen = labels.Labels(batch).To(run.Device);
            return forward
                ? SmearedLosses.ForwardCorrected(logits, seen, LabelNoise.SymmetricTransition(classes, noise).To(run.Device))
                : SmearedLosses.Compute(logits, seen, SmearedLosses.SymmetricBackwardMatrix(classes, noise).To(run.Device));
        });
    }
}
