using Sconce.Catalogue;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Training.LabelSmoothing;

/// <summary><c>--method distillation</c>: a student learns a teacher's softened answers; 1503.02531, 2003.02819 §5.</summary>
public sealed class DistillationMethod : ClassifierMethod
{
    /// <inheritdoc/>
    public override string Name => "distillation";

    /// <inheritdoc/>
    public override string Purpose => "a classifier learns the softened answers of a teacher, a run or a checkpoint of the same classes, and its labels as far as asked";

    /// <inheritdoc/>
    public override IReadOnlyList<MethodOption> Options { get; } =
    [
        MethodOption.Path("teacher", "The teacher: a run's folder, or a checkpoint with --teacher-network"),
        MethodOption.Words("teacherNetwork", "The network of the teacher's checkpoint", null),
        MethodOption.Real("temperature", "What both networks' logits are divided by", 2, 0, double.PositiveInfinity, above: true, below: true),
        MethodOption.Real("teacherShare", "The teacher's share in the loss; the labels have the rest", 1, 0, 1),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("sconce train resnet18 --method distillation --teacher run1 --data photos/ --out run6", "a small network learns what a large one says"),
        ("sconce train resnet18 --method distillation --teacher resnet50-0676ba61.pth --teacher-network resnet50 --teacher-share 0.9 --data imagenet/", "a published teacher, and a tenth of the loss for the labels"),
    ];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => new ClassifierRun(setup, new ClassifierPlan { Method = this, Objective = Objective });

    private static ClassifierLoss Objective(ClassifierRun run)
    {
        var options = run.Configuration.MethodOptions;
        int classes = run.Data.Classes.Count;
        string place = options.Text("teacher") ?? throw new UsageException("--teacher is missing: a run's folder, or a checkpoint with --teacher-network");
        var found = TeacherNetwork.Find(run.Setup, place, options.Text("teacherNetwork"), run.Data.Classes, ("--teacher", "--teacher-network"));
        if ((found.Size ?? found.Preprocessing.Size) != run.Configuration.ImageSize && found.Configuration is not null)
        {
            throw new UsageException($"--teacher: it was trained with pictures of {found.Size} pixels and the student sees {run.Configuration.ImageSize}: add --size {found.Size}, so that both see the same");
        }

        var teacher = TeacherNetwork.Load(found, classes, run.Device);
        var labels = new ClassifierObjective(run.Network, classes, run.Configuration.LabelSmoothing, run.Device);
        var distillation = new Distillation(options.Real("temperature"), options.Real("teacherShare"));
        return new ClassifierLoss(
            run,
            (logits, pictures, batch) =>
            {
                Tensor answers;
                using (Gradients.Off()) answers = teacher.Call(pictures).Float();
                var divergence = distillation.Divergence(logits, answers) * distillation.TeacherShare;
                return distillation.TeacherShare == 1 ? divergence : divergence + (labels.Loss(logits, batch) * (1 - distillation.TeacherShare));
            },
            teacher);
    }
}
