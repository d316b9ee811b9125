using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.LabelSmoothing;

/// <summary><c>--method distillation</c>: a student learns a teacher's softened answers; 1503.02531, 2003.02819 §5.</summary>
public sealed class DistillationMethod : ClassifierMethod
{
    /// <inheritdoc/>
    public override string Name => "distillation";

    /// <inheritdoc/>
    public override string Purpose =>
        "a classifier learns the softened answers of a teacher, a run or a checkpoint of the same classes, and its labels as far as asked";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<DistillationSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples { get; } =
    [
        ("resnet18 --method distillation --teacher run1 --data photos/ --out run6", "a small network learns what a large one says"),
        ("resnet18 --method distillation --teacher resnet50-0676ba61.pth --teacher-network resnet50 --teacher-share 0.9 --data imagenet/",
            "a published teacher, and a tenth of the loss for the labels"),
    ];

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) =>
        new ClassifierRun(setup, new ClassifierPlan { Method = this, Program = Program });

    private static ClassifierProgram Program(ClassifierRun run)
    {
        var settings = run.Configuration.Of<DistillationSettings>();
        int classes = run.Data.Classes.Count;
        string place = settings.Teacher
            ?? throw new SettingsException("teacher", called => $"{called} is missing: a run's folder, or a checkpoint with its network");
        var found = TeacherNetwork.Find(run.Setup, place, settings.TeacherNetwork, run.Data.Classes, ("teacher", "teacherNetwork"));
        if ((found.Size ?? found.Preprocessing.Size) != run.Configuration.ImageSize && found.Configuration is not null)
        {
            throw new SettingsException("size", called =>
                $"the teacher was trained with pictures of {found.Size} pixels and the student sees {run.Configuration.ImageSize}: both "
                + $"must see the same, so add {called} {found.Size}");
        }

        var teacher = TeacherNetwork.Load(found, classes, run.Device);
        var labels = run.Labels;
        var distillation = new Distillation(settings.Temperature, settings.TeacherShare);
        return new ClassifierProgram(run.Network, run.Player, labels, run.Device)
        {
            Owned = teacher,
            OtherLoss = (logits, pictures, batch) =>
            {
                Tensor answers;
                using (Gradients.Off()) answers = teacher.Call(pictures).Float();
                var divergence = distillation.Divergence(logits, answers) * distillation.TeacherShare;
                return distillation.TeacherShare == 1
                    ? divergence : divergence + (labels.Of(logits, batch) * (1 - distillation.TeacherShare));
            },
        };
    }
}
