using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>The three objectives with true mattes.</summary>
/// <param name="network">Who learns.</param>
/// <param name="player">Over the network.</param>
/// <param name="losses">Their weights.</param>
/// <param name="band">See <see cref="MatteTrimap.Of"/>.</param>
/// <param name="device">Where the network is.</param>
internal sealed class ModNetProgram(ModNet network, Player player, MatteLosses losses, int band, Device device)
    : LossProgram<MatteBatch>(player)
{
    public override Module Product => network;

    public override Tensor Loss(MatteBatch batch) => Parts(batch).Total;

    public override int Count(MatteBatch batch) => batch.Count;

    public override string Describe(MatteBatch batch) => BatchFaults.First(batch.Names);

    protected override void Step(MatteBatch batch, TrainingStep step) => step.Update(Player, () =>
    {
        var loss = Parts(batch);
        step.Report("semantic", loss.Semantic.Item<double>());
        step.Report("detail", loss.Detail.Item<double>());
        step.Report("matte", loss.Matte.Item<double>());
        return loss.Total;
    });

    private MatteLoss Parts(MatteBatch batch)
    {
        Tensor image = batch.Images.To(device), matte = batch.Mattes.To(device);
        return losses.Compute(network.Predict(image), image, MatteTrimap.Of(matte, band), matte);
    }
}

/// <summary>
/// Adaptation without mattes: the sub-objectives have to agree, and the boundary stays near that of a copy, which is made anew before each
/// epoch. Norms keep their statistics. 2011.11961 §3.5.
/// </summary>
/// <param name="network">A trained one.</param>
/// <param name="frozen">Another of the same class, which becomes the copy; it is in the checkpoint.</param>
/// <param name="player">Over the network.</param>
/// <param name="loss">The weights.</param>
/// <param name="device">Where both are.</param>
internal sealed class SocProgram(ModNet network, ModNet frozen, Player player, ConsistencyLoss loss, Device device)
    : LossProgram<MatteBatch>(player)
{
    public override IReadOnlyList<(string Name, Module Module)> Modules => [("", network), ("frozen", frozen)];

    public override Module Product => network;

    public override Tensor Loss(MatteBatch batch)
    {
        network.FreezeNorms();
        frozen.Eval();
        var image = batch.Images.To(device);
        ModNetOutput before;
        using (Gradients.Off()) before = frozen.Predict(image);
        var (semantic, detail) = loss.Compute(network.Predict(image), before.Detail, before.Matte);
        return semantic + detail;
    }

    public override int Count(MatteBatch batch) => batch.Count;

    public override string Describe(MatteBatch batch) => BatchFaults.First(batch.Names);

    /// <summary>Makes the copy.</summary>
    internal void Freeze()
    {
        using var noGrad = Gradients.Off();
        foreach (var (source, copy) in network.StateDict().Zip(frozen.StateDict())) copy.Tensor.CopyInPlace(source.Tensor);
    }

    protected override void EpochEnded(EpochEnd epoch) => Freeze();
}
