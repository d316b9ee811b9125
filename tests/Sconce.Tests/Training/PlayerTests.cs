using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Tests.Optim;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>What an update does for a player.</summary>
[Collection(LiveTensors.Name)]
public sealed class PlayerTests
{
    [Fact]
    public void Two_players_learn_each_by_its_own_loss_and_leave_nothing_on_the_other()
    {
        using var gan = new TinyGan(1, generatorEvery: 3);
        List<StepReport> reports = [];
        new Trainer<Tensor>(gan, new RingBatches(6, 8), new TrainerOptions { Epochs = 2 }) { Stepped = reports.Add }.Run();
        Assert.False(gan.LeavesForeignGradients);
        Assert.Equal(4, gan.GeneratorLosses);
        Assert.All(gan.G.Parameters().Concat(gan.D.Parameters()), parameter => Assert.Null(parameter.Grad));
        Assert.Equal(["discriminator_loss", "generator_loss", "real"], reports[0].Figures.Keys);
        Assert.Equal(["discriminator_loss", "real"], reports[1].Figures.Keys);
        Assert.All(reports, report => Assert.Equal(report.Figures["discriminator_loss"], report.Loss));
    }

    [Fact]
    public void A_loss_through_both_changes_the_player_alone()
    {
        using var first = new Linear(2, 2);
        using var second = new Linear(2, 1);
        using var program = new Chain(first, second, learnsFirst: true);
        float[] before = second.Weight.ToArray<float>(), own = first.Weight.ToArray<float>();
        new Trainer<Tensor>(program, new RingBatches(3, 4), new TrainerOptions()).Run();
        Assert.Equal(before, second.Weight.ToArray<float>());
        Assert.NotEqual(own, first.Weight.ToArray<float>());
        Assert.True(second.Weight.RequiresGrad);
    }

    [Fact]
    public void Two_updates_of_one_player_add_up_their_batches_apart()
    {
        float[] whole = Twice(1, 4, 8), parts = Twice(4, 16, 2);
        for (int k = 0; k < whole.Length; k++) Assert.Equal(whole[k], parts[k], 1e-5);

        static float[] Twice(int accumulation, int batches, int size)
        {
            TorchRuntime.ManualSeed(3);
            using var first = new Linear(2, 2);
            using var second = new Linear(2, 1);
            using var program = new Chain(first, second, learnsFirst: false) { Twice = true };
            new Trainer<Tensor>(program, new Counted(batches, size), new TrainerOptions { Accumulation = accumulation }).Run();
            return second.Weight.ToArray<float>();
        }
    }

    [Fact]
    public void A_players_loss_that_is_no_number_is_named()
    {
        using var first = new Linear(2, 2);
        using var second = new Linear(2, 1);
        using var program = new Chain(first, second, learnsFirst: true) { Factor = double.NaN };
        Assert.StartsWith("first: the loss is NaN at step 1",
            Assert.Throws<TrainingException>(() => new Trainer<Tensor>(program, new RingBatches(3, 4), new TrainerOptions()).Run()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_stranger_is_no_player_and_names_are_not_given_twice()
    {
        using var first = new Linear(2, 2);
        using var second = new Linear(2, 1);
        using var program = new Chain(first, second, learnsFirst: true);
        var step = new TrainingStep(PlayerState.ForTraining(program.Players), 1);
        using var stranger = new Player("stranger", first, new Sgd(first.Parameters(), 0.1), LearningRateSchedule.Constant(0.1));
        Assert.Contains("first, second", Assert.Throws<ArgumentException>(() => step.Update(stranger, () => Tensor.Zeros([]))).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => PlayerState.ForTraining([stranger, stranger]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Player("p", first, stranger.Optimizer, stranger.Schedule) { Every = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new Player("p", first, stranger.Optimizer, stranger.Schedule) { ClipNorm = double.NaN });
    }

    [Fact]
    public void Class_weights_are_those_of_torch_and_balance_shares()
    {
        Assert.Equal([2.0 / 3, 2, 0], LabelLoss.Balanced([0, 0, 0, 1], 3).Select(weight => Math.Round(weight * 3 / 2, 6))
            .Select(weight => weight is 0.666667 ? 2.0 / 3 : weight));
        using var scope = new TensorScope();
        var logits = Tensor.From([1f, 2, 3, 0], [2, 2]);
        var batch = new ImageBatch(Tensor.Zeros([2, 1]), Tensor.From([0L, 1]), null, [0, 1], ["a", "b"]);
        double plain = new LabelLoss(2).Of(logits, batch).Item<double>();
        double first = Math.Log(1 + Math.Exp(1)), second = Math.Log(1 + Math.Exp(3));
        Assert.Equal((first + second) / 2, plain, 1e-5);
        Assert.Equal(((3 * first) + second) / 4, new LabelLoss(2) { ClassWeights = [3, 1] }.Of(logits, batch).Item<double>(), 1e-5);
        Assert.Throws<ArgumentException>(() => new LabelLoss(2) { ClassWeights = [1] });
    }

    [Fact]
    public void A_balanced_source_draws_rare_classes_as_often_as_others_and_the_same_for_an_epoch()
    {
        int[] labels = [.. Enumerable.Repeat(0, 180), .. Enumerable.Repeat(1, 20)];
        var data = Datasets.InMemory(labels);
        var source = new BalancedSource<int, int>(data, labels, set => new Whole(set), seed: 3);
        int[] drawn = source.Draw(0);
        Assert.Equal(200, drawn.Length);
        Assert.InRange(drawn.Count(item => labels[item] == 1), 75, 125);
        Assert.Equal(drawn, source.Draw(0));
        Assert.NotEqual(drawn, source.Draw(1));
        Assert.Equal(drawn.Select(item => labels[item]), source.Epoch(0).ToBlockingEnumerable());
    }

    private sealed class Whole(IDataset<int> data) : IBatchSource<int>
    {
        public int BatchesPerEpoch => data.Count;

        public IAsyncEnumerable<int> Epoch(int epoch, int first = 0, CancellationToken cancellationToken = default) =>
            Enumerable.Range(first, data.Count - first).Select(place => data[place]).ToAsyncEnumerable();
    }

    /// <summary>The same numbers in batches of any size.</summary>
    private sealed class Counted(int batches, int size) : IBatchSource<Tensor>
    {
        public int BatchesPerEpoch => batches;

        public async IAsyncEnumerable<Tensor> Epoch(int epoch, int first = 0, [System.Runtime.CompilerServices.EnumeratorCancellation]
            CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            for (int batch = first; batch < batches; batch++)
                yield return Tensor.From([.. Enumerable.Range(batch * size * 2, size * 2).Select(k => MathF.Sin(k))], [size, 2]);
        }
    }

    /// <summary>Two linear layers, one after the other, of which one learns.</summary>
    private sealed class Chain : TrainingProgram<Tensor>, IDisposable
    {
        private readonly Linear first, second;
        private readonly bool learnsFirst;

        public Chain(Linear first, Linear second, bool learnsFirst)
        {
            (this.first, this.second, this.learnsFirst) = (first, second, learnsFirst);
            Players =
            [
                new Player("first", first, new Sgd(first.Parameters(), 0.1, momentum: 0.5), LearningRateSchedule.Constant(0.1)),
                new Player("second", second, new Sgd(second.Parameters(), 0.1, momentum: 0.5), LearningRateSchedule.Constant(0.1)),
            ];
        }

        public double Factor { get; init; } = 1;

        public bool Twice { get; init; }

        public override IReadOnlyList<Player> Players { get; }

        protected internal override void Step(Tensor batch, TrainingStep step)
        {
            var player = Players[learnsFirst ? 0 : 1];
            if (!Twice)
            {
                step.Update(player, () => second.Call(first.Call(batch)).Square().Mean() * Factor);
                return;
            }

            // Linear losses, whose gradients do not depend on whether the first update has stepped already.
            step.Update(player, () => second.Call(first.Call(batch)).Mean());
            step.Update(player, () => (second.Call(first.Call(batch)) * batch[.., ..1]).Mean());
        }

        public void Dispose()
        {
            foreach (var player in Players) player.Dispose();
        }
    }
}
