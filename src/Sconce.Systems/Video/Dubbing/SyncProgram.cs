using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>Five frames with their speech, or with that of another moment of the same clip, every other time.</summary>
internal sealed class SyncRecipe(IReadOnlyList<(SpokenClip Clip, int Start)> moments, FaceCut cut) : StackedRecipe<SpokenBatch>
{
    private const int Side = LipPainter.Side;

    public override int Count => moments.Count;

    /// <summary>Speech, frames, and 1 where they belong together.</summary>
    protected override IReadOnlyList<long[]> Shapes { get; } =
        [[1, 80, SpeechFeatures.Steps], [3, SyncExpert.Frames, Side, Side], [1]];

    public override string NameOf(int index) => moments[index].Clip.Frames[moments[index].Start];

    public override float[][] Load(int index, ref AugmentationRandom random)
    {
        var (clip, start) = moments[index];
        bool isInSync = random.Chance(0.5);
        // Of the other moments of the clip one is drawn.
        int heard = isInSync ? start : (start + 1 + random.Next(clip.Starts - 1)) % clip.Starts;
        return [clip.Heard(heard), cut.Frames(clip, start), [isInSync ? 1 : 0]];
    }

    protected override SpokenBatch Together(IReadOnlyList<Tensor> parts, IReadOnlyList<string> names) => new(parts, names);
}

/// <summary>Cross-entropy of the agreement of speech and mouth; 2008.10010 §3.1.</summary>
internal sealed class SyncProgram(SyncExpert network, Player player, Device device) : LossProgram<SpokenBatch>(player)
{
    public override Module Product => network;

    public override Tensor Loss(SpokenBatch batch) => Judge(batch).Loss;

    public override int Count(SpokenBatch batch) => batch.Count;

    public override string Describe(SpokenBatch batch) => BatchFaults.First(batch.Names);

    /// <summary>The loss, and the share of right answers.</summary>
    internal (Tensor Loss, double Accuracy) Judge(SpokenBatch batch)
    {
        using var scope = new TensorScope();
        var vectors = network.Call(batch.Parts[0].To(device), SyncExpert.LowerHalves(batch.Parts[1].To(device)));
        var truth = batch.Parts[2].To(device);
        double accuracy = LipLoss.Agreement(vectors).Detach().Gt(0.5).Eq(truth[.., 0].Gt(0.5)).To(DType.Float32).Mean().Item<double>();
        return (scope.Keep(LipLoss.Sync(vectors, truth)), accuracy);
    }
}
