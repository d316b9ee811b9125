using Sconce.Data;
using Sconce.Files;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Sampling;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>DALL·E's second stage: captions, then codes. 2102.12092 §2.2.</summary>
/// <param name="model">The whole; its first stage is frozen.</param>
/// <param name="player">Over the transformer.</param>
/// <param name="rows">To learn from.</param>
/// <param name="shown">Whose captions samples paint, and those captions.</param>
/// <param name="device">Where the networks are.</param>
/// <param name="spelling">Spells captions anew in each step; null where they stay as they are.</param>
internal sealed class DalleProgram(
    DalleModel model,
    Player player,
    CodeRows rows,
    (CodeRows Rows, IReadOnlyList<string> Captions) shown,
    Device device,
    CaptionSpelling? spelling = null)
    : TrainingProgram<RowBatch>
{
    internal const string Watched = "loss", OfPictures = "picture", OfText = "text";
    private const int Shown = 8;

    /// <summary>The figures that there are.</summary>
    internal static IReadOnlyList<string> Names { get; } = [Watched, OfPictures, OfText];

    public override IReadOnlyList<Player> Players { get; } = [player];

    public override IReadOnlyList<(string Name, Module Module)> Modules => [("", model)];

    public override Module Product => model;

    public override int Count(RowBatch batch) => batch.Rows.Length;

    /// <summary>The mean losses of all rows.</summary>
    internal static FigureSet Figures(DalleModel model, CodeRows rows, int batch, Device device, CancellationToken cancellation)
    {
        using var noGrad = Gradients.Off();
        model.Eval();
        double all = 0, ofPictures = 0, ofText = 0;
        foreach (long[] part in Enumerable.Range(0, rows.Count).Select(row => (long)row).Chunk(batch))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var loss = LossOf(model, rows, part, device);
            all += loss.Loss.Item<double>() * part.Length;
            ofPictures += loss.Picture.Item<double>() * part.Length;
            ofText += loss.Text.Item<double>() * part.Length;
        }

        return new FigureSet
        {
            Figure.Lower(Watched, all / rows.Count),
            Figure.Lower(OfPictures, ofPictures / rows.Count),
            Figure.Lower(OfText, ofText / rows.Count),
        };
    }

    protected override void Step(RowBatch batch, TrainingStep step) => step.Update(player, () =>
    {
        var loss = LossOf(model, rows, batch.Rows, device, spelling?.Rows(batch.Rows, step.Number));
        step.Report(OfPictures, loss.Picture.Item<double>());
        step.Report(OfText, loss.Text.Item<double>());
        return loss.Loss;
    });

    protected override void WriteSamples(SampleFolder samples)
    {
        using var scope = new TensorScope();
        var (_, text) = shown.Rows.First(Shown, device);
        var codes = DalleSampling.Draw(model.Transformer, text, new TokenSampler(), [samples.Generator]);
        ImageGrid.Create(PaintedPictures.Of(model.Decode(codes)), 4).Save(samples.File("grid.png"));
        string captions = string.Concat(shown.Captions.Take(Shown).Select(caption => caption + "\n"));
        AtomicFile.Write(samples.File("captions.txt"), System.Text.Encoding.UTF8.GetBytes(captions));
    }

    private static DalleLoss LossOf(DalleModel model, CodeRows rows, long[] which, Device device, Tensor? spelled = null)
    {
        using var scope = new TensorScope();
        var (codes, text) = rows.At(which, device);
        return scope.Keep(model.Transformer.Loss(spelled?.To(device) ?? text, codes));
    }
}
