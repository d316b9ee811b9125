using Sconce.Imaging;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>DALL·E's first stage. 2102.12092 §2.1.</summary>
/// <param name="model">The autoencoder.</param>
/// <param name="player">Over it.</param>
/// <param name="objective">What it learns by.</param>
/// <param name="shown">Pictures that samples show, <c>(N, 3, S, S)</c>.</param>
/// <param name="device">Where it is.</param>
internal sealed class DvaeProgram(Dvae model, Player player, DvaeObjective objective, Tensor shown, Device device)
    : TrainingProgram<SquareBatch>
{
    public override IReadOnlyList<Player> Players { get; } = [player];

    public override int Count(SquareBatch batch) => batch.Names.Count;

    public override string Describe(SquareBatch batch) => BatchFaults.First(batch.Names);

    protected override void Step(SquareBatch batch, TrainingStep step) => step.Update(player, () =>
    {
        var (loss, terms) = objective.Of(model, DallePictures.ToUnit(batch.Pictures.To(device)), step.Number);
        step.Report("likelihood", terms.Likelihood.Item<double>());
        step.Report("divergence", terms.Divergence.Item<double>());
        return loss;
    });

    protected override void WriteSamples(SampleFolder samples)
    {
        using var scope = new TensorScope();
        var painted = DallePictures.ToSymmetric(model.Call(DallePictures.ToUnit(shown.To(device))));
        ImageGrid.Create(PaintedPictures.Of(shown).Concat(PaintedPictures.Of(painted)), (int)shown.Size(0))
            .Save(samples.File("pictures-above-reconstructions.png"));
    }
}
