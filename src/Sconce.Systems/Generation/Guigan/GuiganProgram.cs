using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>The players and networks of a run.</summary>
/// <param name="Generator">Over the generator, and in the official form over the coefficients too.</param>
/// <param name="Judge">Over the judge.</param>
/// <param name="Writer">The generator.</param>
/// <param name="Rollout">Its slow copy.</param>
/// <param name="Weighed">The coefficients of the official form.</param>
internal sealed record GuiganPlayers(Player Generator, Player Judge, SubtreeGenerator Writer, Rollout Rollout, WeighedLosses Weighed);

/// <summary>First the generator alone by likelihood, then the judge alone, then both against each other.</summary>
/// <param name="players">Who learns.</param>
/// <param name="library">The real screens.</param>
/// <param name="scores">Style and structure.</param>
/// <param name="painter">Shows screens.</param>
/// <param name="settings">The game.</param>
internal sealed class GuiganProgram(
    GuiganPlayers players, ScreenLibrary library, ScreenScores scores, ScreenPainter painter, GuiganSettings settings)
    : TrainingProgram<RowBatch>
{
    private const int Shown = 8;
    private readonly ScreenGame game = new(
        players.Writer, (Module<Tensor, Tensor>)players.Judge.Network, players.Rollout, library.Length);

    public override IReadOnlyList<Player> Players { get; } = [players.Generator, players.Judge];

    public override IReadOnlyList<(string Name, Module Module)> Modules =>
    [
        ("generator", players.Writer), ("judge", players.Judge.Network), ("rollout", players.Rollout.Copy), ("weighed", players.Weighed),
    ];

    public override Module Product => players.Writer;

    public override string Items => "screens";

    public override int Count(RowBatch batch) => batch.Rows.Length;

    /// <summary>The figures of what is written now.</summary>
    public FigureSet Evaluate() => scores.FiguresOf(players.Writer, settings.Run.Seed);

    protected override void Step(RowBatch batch, TrainingStep step)
    {
        if (step.Number < settings.Beginning)
        {
            step.Update(players.Generator, () => game.Likelihood(Real(batch)));
            return;
        }

        if (step.Number >= settings.Beginning + settings.JudgeFirst)
        {
            if (step.Number == settings.Beginning + settings.JudgeFirst) Follow();
            var screens = AsShown(game.Written(batch.Rows.Length));
            var rewards = game.Rewards(screens, settings.Rollouts);
            step.Update(players.Generator, () => Loss(screens, rewards, step));
            players.Rollout.Update();
        }

        for (int k = 0; k < settings.JudgeSteps; k++)
        {
            var written = game.Written(batch.Rows.Length);
            step.Update(players.Judge, () => game.Judging(Real(batch), written));
        }
    }

    protected override void WriteSamples(SampleFolder samples)
    {
        var screens = Tidied(ScreenPainter.Sample(players.Writer, Shown, library.Length, settings.Run.Seed));
        ImageGrid.Create(screens.Select(painter.Paint), Shown).Save(samples.File("screens.png"));
    }

    /// <summary>Real screens side by side.</summary>
    public Image Draw() => ImageGrid.Create(library.Screens.Take(Shown).Select(painter.Paint), Shown);

    private Tensor Loss(Tensor screens, Tensor rewards, TrainingStep step)
    {
        var tokens = Rows(screens);
        step.Report("reward", rewards.Mean().Item<double>());
        if (settings.Reward == ScreenReward.Official)
        {
            double style = tokens.Average(scores.OfficialStyle), structure = tokens.Average(scores.OfficialStructure);
            return players.Weighed.Call(
                game.Policy(screens, rewards), Tensor.FromScalar((float)style), Tensor.FromScalar((float)structure));
        }

        float[] styles = [.. tokens.Select(screen => (float)scores.Style(screen))];
        float[] structures = [.. tokens.Select(screen => (float)scores.Structure(screen))];
        step.Report("style", styles.Average());
        step.Report("structure", structures.Average());
        var shaped = GuiganLosses.Shaped(rewards, Tensor.From(styles), Tensor.From(structures), settings.Style, settings.Structure);
        return game.Policy(screens, shaped);
    }

    /// <summary>Before the game the copy has not followed.</summary>
    private void Follow()
    {
        using var noGrad = Gradients.Off();
        foreach (var (own, other) in players.Rollout.Copy.Parameters().Zip(players.Writer.Parameters())) own.CopyInPlace(other);
    }

    private Tensor Real(RowBatch batch) => ScreenPainter.Padded([.. batch.Rows.Select(row => library.Screens[(int)row])], library.Length);

    /// <summary>Written screens as they can be shown; the released code trains on these where it runs on a graphics card.</summary>
    private Tensor AsShown(Tensor screens) => ScreenPainter.Padded(Tidied(screens), library.Length);

    private List<IReadOnlyList<int>> Tidied(Tensor screens) => [.. Rows(screens).Select(library.Vocabulary.Tidied)];

    private static List<int[]> Rows(Tensor screens) =>
        [.. screens.ToArray<long>().Chunk((int)screens.Size(1)).Select(row => row.Select(token => (int)token).ToArray())];
}
