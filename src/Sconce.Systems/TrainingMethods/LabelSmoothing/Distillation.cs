using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.LabelSmoothing;

/// <summary>A student that learns from a teacher's softened answers; 1503.02531, as 2003.02819 §5 uses it on noisy labels.</summary>
/// <param name="Temperature">t, more than 0.</param>
/// <param name="TeacherShare">β in [0, 1]: 1 leaves the labels out.</param>
public sealed record Distillation(double Temperature = 2, double TeacherShare = 1)
{
    /// <summary>KL(softmax(teacher/t) ‖ softmax(student/t)), the mean over examples, times t². The teacher is taken as given.
    /// <c>(N, L), (N, L) -> ()</c></summary>
    public Tensor Divergence(Tensor student, Tensor teacher)
    {
        if (!(Temperature > 0)) throw new InvalidOperationException($"a temperature of {Temperature}: it must be more than 0");
        using var scope = new TensorScope();
        var target = (teacher.Detach() / Temperature).LogSoftmax(-1);
        var divergence = (target.Exp() * (target - (student / Temperature).LogSoftmax(-1))).Sum([-1]).Mean();
        return scope.Keep(divergence * (Temperature * Temperature));
    }

    /// <summary>(1 - β) cross-entropy of the label + β <see cref="Divergence"/>. <c>-> ()</c></summary>
    public Tensor Compute(Tensor student, Tensor teacher, Tensor labels)
    {
        using var scope = new TensorScope();
        var divergence = Divergence(student, teacher) * TeacherShare;
        return scope.Keep(TeacherShare == 1 ? divergence : divergence + Functional.CrossEntropy(student, labels) * (1 - TeacherShare));
    }
}
