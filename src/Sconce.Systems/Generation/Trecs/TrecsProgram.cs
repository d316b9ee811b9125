using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>Who learns in a run.</summary>
internal sealed record TrecsPlayers(Player Tagger, Player Encoder, Player Painter, Player Judge);

/// <summary>Each step: the tagger, the dual encoder, the painter, and the judge of its pictures.</summary>
/// <param name="players">Who learns.</param>
/// <param name="model">The three networks.</param>
/// <param name="composer">What they learn from.</param>
/// <param name="world">Scenes and pictures.</param>
/// <param name="order">Places of the scenes, those that are learned from first.</param>
/// <param name="settings">Weights of the losses.</param>
internal sealed class TrecsProgram(
    TrecsPlayers players, TrecsModel model, GroundedComposer composer, TrecsWorld world, int[] order, TrecsSettings settings)
    : TrainingProgram<RowBatch>
{
    private const int Shown = 6;
    private readonly SpadeDiscriminator judge = (SpadeDiscriminator)players.Judge.Network;
    private readonly IReadOnlyList<DescribedScene> asked =
        [.. order.Skip(composer.Count).Take(GroundedComposer.MostAsked).Select(k => world.Scenes[k])];

    public override IReadOnlyList<Player> Players { get; } = [players.Tagger, players.Encoder, players.Painter, players.Judge];

    public override IReadOnlyList<(string Name, Module Module)> Modules => [("model", model), ("judge", judge)];

    public override Module Product => model;

    public override string Items => "scenes";

    public override int Count(RowBatch batch) => batch.Rows.Length;

    /// <summary>The figures on scenes that are only asked about.</summary>
    public FigureSet Evaluate(CancellationToken cancellation) => composer.FiguresOn(asked, cancellation);

    /// <summary>Maps over their pictures.</summary>
    public Image Draw() => ImageGrid.Create(
        [.. order.Take(Shown).Select(k => TrecsWorld.Coloured(world.Scenes[k].Scene.Labels, world.Side)),
            .. order.Take(Shown).Select(k => world.Pictures[k])], Math.Min(Shown, order.Length));

    protected override void Step(RowBatch batch, TrainingStep step)
    {
        var rows = Tensor.From(batch.Rows);
        step.Update(players.Tagger, () => composer.Tagging(rows));
        step.Update(players.Encoder, () => composer.Finding(rows));
        if (batch.Rows.Length < 2) return; // the painter's first norms would have one number a channel
        var maps = composer.Maps.IndexSelect(0, rows);
        var pictures = Tensor.Stack([.. batch.Rows.Select(row => (world.Pictures[order[row]].ToTensor() * 2) - 1)]);
        var painted = pictures.ZerosLike(); // outlives the painter's update
        step.Update(players.Painter, () =>
        {
            var made = model.Painter.Call(maps);
            using (Gradients.Off()) painted.CopyInPlace(made.Detach());
            SpadeJudgements real, fake = judge.Call(Tensor.Cat([maps, made], 1));
            using (Gradients.Off()) real = judge.Call(Tensor.Cat([maps, pictures], 1));
            return SpadeLosses.Generator(fake) + SpadeLosses.FeatureMatching(real, fake, settings.Features)
                + ((made - pictures).Abs().Mean() * settings.Pixels);
        });
        step.Update(players.Judge, () => SpadeLosses.Discriminator(
            judge.Call(Tensor.Cat([maps, pictures], 1)), judge.Call(Tensor.Cat([maps, painted], 1))));
    }

    /// <summary>What was described, what is composed, what is painted.</summary>
    protected override void WriteSamples(SampleFolder samples)
    {
        var few = asked.Take(Shown).ToList();
        var retrieved = composer.Retrieve([.. few.Select(one => one.Narrative)]);
        var canvases = few.Zip(retrieved, (one, scenes) => composer.Compose(one.Narrative, scenes)).ToList();
        var painted = PaintedPictures.Of(model.Painter.Call(world.Maps(canvases)));
        ImageGrid.Create(
            [.. few.Select(one => TrecsWorld.Coloured(one.Scene.Labels, world.Side)),
                .. canvases.Select(canvas => TrecsWorld.Coloured(canvas, world.Side)), .. painted], few.Count)
            .Save(samples.File("scenes.png"));
    }
}
