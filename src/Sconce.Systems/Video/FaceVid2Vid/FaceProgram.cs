using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// A source is painted as a driving frame of the same clip, against a judge of patches. 2011.15126 §3.3, A.1;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/model.py. Without VGG's features the frames
/// themselves are compared at three sizes, and without a teacher of poses the angles find their own zero.
/// </summary>
/// <param name="network">Painter, keypoint detector and estimator of heads, which learn together.</param>
/// <param name="judge">Of patches.</param>
/// <param name="painter">Over the network.</param>
/// <param name="judging">Over the judge.</param>
/// <param name="teachers">Who know faces already.</param>
/// <param name="settings">The weights of the losses.</param>
/// <param name="shown">Pairs for the samples.</param>
/// <param name="device">Where the networks are.</param>
internal sealed class FaceProgram(
    FaceVid2VidNetwork network, FaceDiscriminator judge, Player painter, Player judging, FaceTeachers teachers, FaceSettings settings,
    Func<FaceBatch> shown, Device device) : TrainingProgram<FaceBatch>
{
    private const int Sizes = 3;
    private const double Turned = 20;

    public override IReadOnlyList<Player> Players { get; } = settings.Judge > 0 ? [painter, judging] : [painter];

    public override Module Product => network;

    public override int Count(FaceBatch batch) => batch.Count;

    public override string Describe(FaceBatch batch) => BatchFaults.First(batch.Names);

    public override string? Fault(FaceBatch batch) =>
        BatchFaults.NotFinite(batch.Drivings) is { } frame ? $"the frame {batch.Names[frame]} holds NaN or infinity" : null;

    /// <summary>The source as the driving frame is: <c>(N, 3, S, S)</c>.</summary>
    internal Tensor Painted(Tensor sources, Tensor drivings)
    {
        using var scope = new TensorScope();
        var source = network.Source(sources);
        return scope.Keep(network.Paint(source, network.Driven(source, drivings)));
    }

    protected override void Step(FaceBatch batch, TrainingStep step)
    {
        Tensor sources = batch.Sources.To(device), drivings = batch.Drivings.To(device);
        step.Update(painter, () => Painting(sources, drivings, step));
        if (settings.Judge == 0) return;
        step.Update(judging, () =>
        {
            Tensor fake;
            using (Gradients.Off()) fake = Painted(sources, drivings);
            Tensor real = judge.Call(drivings).Judgement, painted = judge.Call(fake).Judgement;
            step.Report("d_real", real.Mean().Item<double>());
            step.Report("d_fake", painted.Mean().Item<double>());
            return (1 - real).Relu().Mean() + (1 + painted).Relu().Mean();
        });
    }

    /// <summary>Rows of source, driving frame, the painted one, and that turned to either side.</summary>
    protected override void WriteSamples(SampleFolder samples)
    {
        using var scope = new TensorScope();
        using var batch = shown();
        Tensor sources = batch.Sources.To(device), drivings = batch.Drivings.To(device);
        var source = network.Source(sources);
        Tensor[] columns =
        [
            sources, drivings, network.Paint(source, network.Driven(source, drivings)),
            network.Paint(source, network.Driven(source, drivings, angles => angles with { Yaw = angles.Yaw - Turned })),
            network.Paint(source, network.Driven(source, drivings, angles => angles with { Yaw = angles.Yaw + Turned })),
        ];
        var cells = Enumerable.Range(0, batch.Count).SelectMany(k => columns.Select(column => column[k].Cpu().Clamp(0, 1).ToImage()));
        ImageGrid.Create([.. cells], columns.Length).Save(samples.File("faces.png"));
    }

    private Tensor Painting(Tensor sources, Tensor drivings, TrainingStep step)
    {
        using var scope = new TensorScope();
        var source = network.Source(sources);
        var head = network.HeEstimator.Call(drivings);
        var driving = HeadMotion.Apply(source.Canonical, head);
        var painted = network.Paint(source, driving);
        var difference = Difference(painted, drivings);
        var bend = FrameBend.Draw(drivings.Size(0));
        bend = new FrameBend(bend.Affine.To(device), bend.Pushes?.To(device));
        var equivariance = FaceLosses.Equivariance(driving, network.Driven(source, bend.Apply(drivings)), bend);
        step.Report("difference", difference.Item<double>());
        step.Report("equivariance", equivariance.Item<double>());
        var total = (difference * settings.Difference!.Value) + (equivariance * settings.Equivariance)
            + (FaceLosses.Spread(driving) * settings.Spread) + (FaceLosses.Expression(head.Expression) * settings.Expression);
        if (teachers.Likeness is { } likeness)
            total = total + Reported("perceptual", likeness.Call(painted, drivings), settings.Perceptual);
        if (teachers.Pose is { } teacher)
            total = total + Reported("degrees off", FaceLosses.HeadPose(HeadAngles.Of(head), teacher.Call(drivings)), settings.HeadPose);
        if (settings.Judge == 0) return scope.Keep(total);
        FaceJudgement real = judge.Call(drivings), fake = judge.Call(painted);
        var matching = FaceLosses.FeatureMatching([.. real.Features.Select(map => map.Detach())], fake.Features);
        return scope.Keep(total - (fake.Judgement.Mean() * settings.Judge) + (matching * settings.Matching));

        Tensor Reported(string name, Tensor term, double weight)
        {
            step.Report(name, term.Item<double>());
            return term * weight;
        }
    }

    private static Tensor Difference(Tensor painted, Tensor wanted)
    {
        using var scope = new TensorScope();
        var sum = (painted - wanted).Abs().Mean();
        for (int size = 1; size < Sizes; size++)
        {
            (painted, wanted) = (painted.AvgPool2d([2, 2], [2, 2]), wanted.AvgPool2d([2, 2], [2, 2]));
            sum = sum + (painted - wanted).Abs().Mean();
        }

        return scope.Keep(sum / Sizes);
    }
}

/// <summary>Who know faces before a run begins, and learn nothing in it.</summary>
/// <param name="Likeness">How frames look to VGG; null where its weights are not at hand.</param>
/// <param name="Pose">How heads are turned; null where its weights are not at hand.</param>
internal sealed record FaceTeachers(FaceLikeness? Likeness, HeadPoseTeacher? Pose)
{
    /// <summary>Those whose files are named.</summary>
    /// <exception cref="CheckpointException">A file cannot be read, or is another network's.</exception>
    internal static FaceTeachers Of(FaceSettings settings, OwnedParts owned, Device device)
    {
        FaceLikeness? likeness = null;
        HeadPoseTeacher? pose = null;
        if (settings is { Vgg: { } vgg, Perceptual: > 0 })
        {
            likeness = owned.Own(new FaceLikeness());
            likeness.Load(vgg);
            likeness.To(device);
        }

        if (settings is { Hopenet: { } hopenet, HeadPose: > 0 })
        {
            pose = owned.Own(new HeadPoseTeacher());
            pose.Load(hopenet);
            pose.To(device);
        }

        return new FaceTeachers(likeness, pose);
    }

    /// <summary>What a person should know of those that are missing; begins with a semicolon, or is empty.</summary>
    internal string Advice() => (Likeness, Pose) switch
    {
        (null, null) => "; without VGG-19's file (vgg) and Hopenet's (hopenet) frames are compared by their pixels, and angles find their "
            + "own zero",
        (null, _) => "; without VGG-19's file (vgg) frames are compared by their pixels, which blurs",
        (_, null) => "; without Hopenet's file (hopenet) angles find their own zero",
        _ => "",
    };
}
