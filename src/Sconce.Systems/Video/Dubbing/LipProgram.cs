using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>Five frames with the speech of each, and five others of the same clip that show the person.</summary>
internal sealed class LipRecipe(IReadOnlyList<(SpokenClip Clip, int Start)> moments, FaceCut cut) : StackedRecipe<SpokenBatch>
{
    private const int Side = LipPainter.Side, Times = SyncExpert.Frames;

    public override int Count => moments.Count;

    /// <summary>Speech of each frame, speech of all, frames, other frames.</summary>
    protected override IReadOnlyList<long[]> Shapes { get; } =
        [[Times, 1, 80, SpeechFeatures.Steps], [1, 80, SpeechFeatures.Steps], [3, Times, Side, Side], [3, Times, Side, Side]];

    public override string NameOf(int index) => moments[index].Clip.Frames[moments[index].Start];

    public override float[][] Load(int index, ref AugmentationRandom random)
    {
        var (clip, start) = moments[index];
        int other = (start + 1 + random.Next(clip.Starts - 1)) % clip.Starts; // the same would be copied
        float[] each = [.. Enumerable.Range(start, Times).SelectMany(clip.Heard)];
        return [each, clip.Heard(start), cut.Frames(clip, start), cut.Frames(clip, other)];
    }

    protected override SpokenBatch Together(IReadOnlyList<Tensor> parts, IReadOnlyList<string> names) => new(parts, names);
}

/// <summary>
/// The lower half of faces is painted to their speech: near the truth, in sync by an expert's word once it is good enough, and real by a
/// judge's. 2008.10010 §3.2-3.3.
/// </summary>
internal sealed class LipProgram(
    LipPainter network, Player painter, SyncExpert? expert, (FaceQuality Network, Player Player)? judge, LipSettings settings,
        Device device)
    : TrainingProgram<SpokenBatch>
{
    private const double Kept = 0.9;
    private const double Unknown = -1;
    private double synced = Unknown;

    public override IReadOnlyList<Player> Players { get; } = judge is { } known ? [painter, known.Player] : [painter];

    public override Module Product => network;

    public override int Count(SpokenBatch batch) => batch.Count;

    public override string Describe(SpokenBatch batch) => BatchFaults.First(batch.Names);

    /// <summary>How far the expert's loss has fallen says whether sync counts.</summary>
    public override void Save(SavedState state) => state.Set("synced", synced);

    public override void Load(SavedState state)
    {
        if (state.Names.Contains("synced")) synced = state.Number("synced");
    }

    /// <summary>What is painted of a batch, <c>(N, 3, T, 96, 96)</c>.</summary>
    internal Tensor Painted(SpokenBatch batch)
    {
        using var scope = new TensorScope();
        Tensor frames = batch.Parts[2].To(device), others = batch.Parts[3].To(device);
        var masked = frames.Clone();
        masked.FillInPlace(0, .., .., .., (LipPainter.Side / 2)..);
        return scope.Keep(network.Call(batch.Parts[0].To(device), Tensor.Cat([masked, others], 1)));
    }

    /// <summary>The expert's loss of what is painted; null without an expert.</summary>
    internal Tensor? Sync(SpokenBatch batch, Tensor painted)
    {
        if (expert is null) return null;
        using var scope = new TensorScope();
        expert.Eval();
        var vectors = expert.Call(batch.Parts[1].To(device), SyncExpert.LowerHalves(painted));
        return scope.Keep(LipLoss.Sync(vectors, Tensor.Ones([batch.Count, 1]).To(device)));
    }

    protected override void Step(SpokenBatch batch, TrainingStep step)
    {
        step.Update(painter, () => Painting(batch, step));
        if (judge is not { } known) return;
        step.Update(known.Player, () =>
        {
            Tensor painted;
            using (Gradients.Off()) painted = Painted(batch);
            return Taken(known.Network.Call(batch.Parts[2].To(device)), real: true) + Taken(known.Network.Call(painted), real: false);
        });
    }

    /// <summary>How far a judge's answers are from taking frames as real, or as painted.</summary>
    private static Tensor Taken(Tensor judged, bool real)
    {
        using var scope = new TensorScope();
        return scope.Keep(judged.BinaryCrossEntropy(real ? judged.OnesLike() : judged.ZerosLike()));
    }

    private Tensor Painting(SpokenBatch batch, TrainingStep step)
    {
        using var scope = new TensorScope();
        var painted = Painted(batch);
        var difference = (painted - batch.Parts[2].To(device)).Abs().Mean();
        step.Report("difference", difference.Item<double>());
        var quality = judge is { } known ? Taken(known.Network.Call(painted), real: true) : null;
        var sync = Sync(batch, painted);
        bool counts = false;
        if (sync is not null)
        {
            double value = sync.Item<double>();
            step.Report("sync", value);
            synced = synced < 0 ? value : (Kept * synced) + ((1 - Kept) * value);
            counts = synced < settings.SyncFrom;
        }

        var loss = new LipLoss { SyncWeight = counts ? settings.Sync : 0, QualityWeight = quality is null ? 0 : settings.Quality };
        return scope.Keep(loss.Total(counts ? sync! : difference.Detach() * 0, difference, quality));
    }
}
