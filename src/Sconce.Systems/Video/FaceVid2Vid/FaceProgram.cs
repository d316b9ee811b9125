using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// A source is painted as a driving frame of the same clip, against a judge of patches. 2011.15126 §3.3, A.1;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/model.py. In place of VGG's features the frames
/// themselves are compared at three sizes, and without a teacher of poses the angles find their own zero.
/// </summary>
internal sealed class FaceProgram(
    FaceVid2VidNetwork network, FaceDiscriminator judge, Player painter, Player judging, FaceSettings settings, Func<FaceBatch> shown,
    Device device) : TrainingProgram<FaceBatch>
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
        var total = (difference * settings.Difference) + (equivariance * settings.Equivariance)
            + (FaceLosses.Spread(driving) * settings.Spread) + (FaceLosses.Expression(head.Expression) * settings.Expression);
        if (settings.Judge == 0) return scope.Keep(total);
        FaceJudgement real = judge.Call(drivings), fake = judge.Call(painted);
        var matching = FaceLosses.FeatureMatching([.. real.Features.Select(map => map.Detach())], fake.Features);
        return scope.Keep(total - (fake.Judgement.Mean() * settings.Judge) + (matching * settings.Matching));
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
