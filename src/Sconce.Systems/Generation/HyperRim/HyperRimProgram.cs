using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>What pictures the network learns from, and by what it is told how near it came.</summary>
/// <param name="Network">Who learns.</param>
/// <param name="Features">What pictures are compared by.</param>
/// <param name="Pairs">The pictures.</param>
/// <param name="Learned">Those that are learned from.</param>
/// <param name="HeldOut">Those that are asked about.</param>
internal sealed record ImleTask(HyperRimNetwork Network, FeatureComparison Features, RimPairs Pairs, int[] Learned, int[] HeldOut);

/// <summary>Conditional implicit maximum likelihood: at the beginning of each epoch codes are chosen, then they alone learn.</summary>
/// <param name="player">Over the network.</param>
/// <param name="task">Network and pictures.</param>
/// <param name="month">The codes that were chosen.</param>
/// <param name="settings">How many codes are tried.</param>
/// <param name="device">Where the network is.</param>
internal sealed class HyperRimProgram(Player player, ImleTask task, ImleMonth month, HyperRimSettings settings, Device device)
    : TrainingProgram<RowBatch>
{
    private const int Asked = 8, MostAsked = 64, Shown = 4, ShownAnswers = 4, SmallestCell = 64;

    public override IReadOnlyList<Player> Players { get; } = [player];

    public override int Count(RowBatch batch) => batch.Rows.Length;

    public override void Save(SavedState state) => state.Set("month", month);

    public override void Load(SavedState state) => state.Restore("month", month);

    /// <summary>
    /// On pictures that are asked about: the mean squared error of the best of eight answers, and how much the answers differ.
    /// </summary>
    public FigureSet Evaluate(CancellationToken cancellation)
    {
        using var generator = new Generator(settings.Run.Seed);
        double best = 0, spread = 0;
        int[] asked = [.. task.HeldOut.Take(MostAsked)];
        foreach (int picture in asked)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            var pair = task.Pairs[picture, 0];
            var answers = Answers(pair, Asked, generator);
            best += (answers - pair.Targets[^1]).Square().Mean([1, 2, 3]).Min().Item<double>();
            spread += answers.Std([0], unbiased: false).Mean().Item<double>();
        }

        return new FigureSet
        {
            Figure.Lower(HyperRimMethod.Best, best / asked.Length),
            { HyperRimMethod.Spread, spread / asked.Length },
        };
    }

    /// <summary>Questions, and the answers that are true, largest level last.</summary>
    public Image Draw()
    {
        using var scope = new TensorScope();
        var cells = task.Learned.Take(Shown).SelectMany(picture =>
        {
            var pair = task.Pairs[picture, 0];
            return pair.Targets.Prepend(pair.Input).Select(map => Cell(map, pair.Targets[^1].Size(3)));
        });
        return ImageGrid.Create(cells, task.Network.Config.Levels + 1);
    }

    protected override void Step(RowBatch batch, TrainingStep step)
    {
        if (month.Number != step.Epoch) month.Begin(step.Epoch, task.Learned.Length, settings.Run.Seed, Choose());
        var codes = month.Codes(batch.Rows).Select(code => code.To(device)).ToList();
        List<RimPair> pairs = [.. batch.Rows.Select(place =>
        {
            var (picture, turn) = month.At((int)place);
            return task.Pairs[task.Learned[picture], turn];
        })];
        var input = Tensor.Cat([.. pairs.Select(pair => pair.Input)], 0).To(device);
        var targets = Enumerable.Range(0, task.Network.Config.Levels)
            .Select(level => Tensor.Cat([.. pairs.Select(pair => pair.Targets[level])], 0).To(device)).ToList();
        step.Update(player, () => HyperRimLoss.Of(task.Features, task.Network.Call(input, codes), targets));
    }

    protected override void WriteSamples(SampleFolder samples)
    {
        var cells = new List<Image>();
        foreach (int picture in task.HeldOut.Take(Shown))
        {
            var pair = task.Pairs[picture, 0];
            long side = pair.Targets[^1].Size(3);
            cells.Add(Cell(pair.Input, side));
            cells.AddRange(Answers(pair, ShownAnswers, samples.Generator).Unbind(0).Select(answer => Cell(answer.Unsqueeze(0), side)));
            cells.Add(Cell(pair.Targets[^1], side));
        }

        ImageGrid.Create(cells, ShownAnswers + 2).Save(samples.File("answers.png"));
    }

    /// <summary>The month's random projections, which all its pictures share, and the choice by them.</summary>
    private Func<int, int, IReadOnlyList<Tensor>> Choose()
    {
        var config = task.Network.Config;
        using var outer = new TensorScope();
        var example = task.Pairs[task.Learned[0], 0];
        var projections = outer.Keep(new Projections([.. example.Targets.Select(target =>
        {
            var rows = task.Features.Call(target.To(device)).Rows;
            int width = Math.Max(1, settings.Projected / rows.Count);
            return (IReadOnlyList<Tensor>)[.. rows.Select(row => ImleSelection.Projection(row.Size(1), width).To(device))];
        })]));
        return (picture, turn) =>
        {
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            var pair = task.Pairs[task.Learned[picture], turn];
            int height = (int)pair.Input.Size(2), width = (int)pair.Input.Size(3);
            var pools = task.Network.Codes(settings.Codes, height, width).Select(pool => pool.To(device)).ToList();
            var winners = ImleSelection.Select(
                task.Network, task.Features, pair.Input.To(device), [.. pair.Targets.Select(target => target.To(device))], pools,
                projections.Levels, settings.Together);
            return scope.Keep(new Winners([.. winners.Select(winner => winner.Code.To(Device.Cpu).Clone())])).Codes;
        };
    }

    private Tensor Answers(RimPair pair, int count, Generator generator)
    {
        var codes = task.Network.Codes(count, (int)pair.Input.Size(2), (int)pair.Input.Size(3), generator);
        var input = pair.Input.Expand([count, -1, -1, -1]).To(device);
        return task.Network.Call(input, [.. codes.Select(code => code.To(device))])[^1].To(Device.Cpu);
    }

    private static Image Cell(Tensor picture, long side)
    {
        int shown = (int)Math.Max(side, SmallestCell);
        return PaintedPictures.Of((picture * 2) - 1)[0].Resize(shown, shown, ResizeFilter.Nearest);
    }

    private sealed record Projections(IReadOnlyList<IReadOnlyList<Tensor>> Levels) : ITensorContainer
    {
        public IEnumerable<Tensor> Tensors => Levels.SelectMany(level => level);
    }

    private sealed record Winners(IReadOnlyList<Tensor> Codes) : ITensorContainer
    {
        public IEnumerable<Tensor> Tensors => Codes;
    }
}
