using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>The decoder learns to paint what the encoder's exchanged statistics say. 1703.06868 §5.</summary>
/// <param name="network">Whose encoder is held.</param>
/// <param name="player">Over the decoder.</param>
/// <param name="settings">The weights of the losses.</param>
/// <param name="shown">Pairs for the samples, in evaluation's cut.</param>
/// <param name="device">Where the network is.</param>
internal sealed class AdaInProgram(AdaInNetwork network, Player player, AdaInSettings settings, Func<StyleBatch> shown, Device device)
    : LossProgram<StyleBatch>(player)
{
    public override Module Product => network;

    public override Tensor Loss(StyleBatch batch)
    {
        var losses = Parts(batch);
        return Total(losses);
    }

    public override int Count(StyleBatch batch) => batch.Count;

    public override string Describe(StyleBatch batch) => BatchFaults.First(batch.Names);

    /// <summary>The two losses of a batch.</summary>
    internal AdaInLosses Parts(StyleBatch batch) =>
        network.Learn(new StylePair(batch.Pair.Content.To(device), batch.Pair.Style.To(device))).Losses;

    internal Tensor Total(AdaInLosses losses) => (losses.Content * settings.ContentWeight) + (losses.Style * settings.StyleWeight);

    protected override void Step(StyleBatch batch, TrainingStep step) => step.Update(Player, () =>
    {
        var losses = Parts(batch);
        step.Report("content", losses.Content.Item<double>());
        step.Report("style", losses.Style.Item<double>());
        return Total(losses);
    });

    /// <summary>Rows of photo, painting, and the photo in its style.</summary>
    protected override void WriteSamples(SampleFolder samples)
    {
        using var scope = new TensorScope();
        using var batch = shown();
        var painted = network.Call(new StylePair(batch.Pair.Content.To(device), batch.Pair.Style.To(device))).Clamp(0, 1).Cpu();
        var cells = Enumerable.Range(0, batch.Count)
            .SelectMany(k => new[] { batch.Pair.Content[k], batch.Pair.Style[k], painted[k] }).Select(picture => picture.ToImage());
        ImageGrid.Create([.. cells], 3).Save(samples.File("styles.png"));
    }
}
