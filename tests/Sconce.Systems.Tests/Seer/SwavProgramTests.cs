using Sconce.Data;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Systems.SelfSupervision.Seer;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.Seer;

[Collection(LiveTensors.Name)]
public class SwavProgramTests
{
    private static SwavResNet Network() =>
        new(new SwavResNetConfig { Layers = [1, 1, 1, 1], HiddenMlp = 24, OutputDim = 8, Prototypes = [6] });

    private static ViewBatch Batch() =>
        new([Tensor.Randn([4, 3, 32, 32]), Tensor.Randn([4, 3, 32, 32]), Tensor.Randn([4, 3, 24, 24])], null, [0, 1, 2, 3],
            ["a", "b", "c", "d"]);

    [Fact]
    public void Frozen_prototypes_get_no_gradient_and_stay_and_later_they_move()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(4);
        var network = Network();
        using var state = new SwavState(network, new SwavOptions { FrozenSteps = 1 });
        using var optimizer = SwavTraining.Optimizer(state);
        var program = new SwavProgram(state, Player(state, optimizer));
        program.Loss(Batch()).Backward();
        Assert.Null(network.Prototypes[0].Weight.Grad);
        Assert.True(network.Prototypes[0].Weight.RequiresGrad);
        Assert.True(network.Prototypes[0].Weight.Detach().Square().Sum([1]).Allclose(Tensor.Ones([6]), atol: 1e-5));
        var before = network.Prototypes[0].Weight.Detach().Clone();
        optimizer.Step();
        Assert.True(before.Allclose(network.Prototypes[0].Weight.Detach()));
        state.Steps.FillInPlace(1);
        optimizer.ZeroGrad();
        program.Loss(Batch()).Backward();
        optimizer.Step();
        Assert.False(before.Allclose(network.Prototypes[0].Weight.Detach(), atol: 1e-7));
        optimizer.ZeroGrad();
    }

    [Fact]
    public void The_queue_fills_from_its_step_on_and_is_part_of_what_is_saved()
    {
        using var scope = new TensorScope();
        var network = Network();
        using var state = new SwavState(network, new SwavOptions { QueueLength = 8, QueueStart = 1 });
        using var player = Player(state, SwavTraining.Optimizer(state));
        var program = new SwavProgram(state, player);
        var queue = state.Queue!;
        program.Loss(Batch());
        Assert.Equal(0, queue.Embeddings.Abs().Sum().Item<double>());
        state.Steps.FillInPlace(1);
        program.Loss(Batch());
        Assert.NotEqual(0, queue.Embeddings[0, 0].Abs().Sum().Item<double>());
        Assert.Equal(0, queue.Embeddings[0, 4].Abs().Sum().Item<double>());
        string[] names = [.. state.StateDict().Select(entry => entry.Name)];
        Assert.Contains("steps", names);
        Assert.Contains("queue.embeddings", names);
        Assert.Contains("network.prototypes.weight", names);
    }

    [Fact]
    public void A_view_that_is_no_number_is_named_and_a_network_without_prototypes_refused()
    {
        using var scope = new TensorScope();
        var network = Network();
        using var state = new SwavState(network);
        using var player = Player(state, SwavTraining.Optimizer(state));
        var program = new SwavProgram(state, player);
        var batch = Batch();
        Assert.Null(program.Fault(batch));
        batch.Views[2].Select(0, 1).FillInPlace(double.NaN);
        Assert.Contains("b", program.Fault(batch), StringComparison.Ordinal);
        using var bare = new SwavResNet(new SwavResNetConfig { Layers = [1, 1, 1, 1], Prototypes = [] });
        Assert.Throws<ArgumentException>(() => new SwavState(bare));
    }

    [Fact]
    public void A_run_from_pictures_that_is_stopped_goes_on_with_its_queue_and_its_frozen_steps()
    {
        string folder = Directory.CreateTempSubdirectory("sconce-swav-").FullName;
        try
        {
            var whole = Train(null, int.MaxValue);
            Assert.Equal(6, whole.Count);
            List<double> parts = [.. Train(folder, 3), .. Train(folder, int.MaxValue)];
            Assert.Equal(whole, parts);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static List<double> Train(string? path, int stopAfter)
    {
        TorchRuntime.ManualSeed(5);
        var data = Datasets.Procedural(8, 3, (ref random, index) => new ImageExample(Noise(index, 48)) { Name = $"{index}" });
        var recipe = new MultiViewRecipe(data, SwavTraining.Views(globalSize: 32, localViews: 1, localSize: 24))
        { Std = SwavTraining.PretrainingStd };
        var loader = new DataLoader<ImageExample[], ViewBatch>(recipe, new() { BatchSize = 4, Threads = 1 });
        using var state = new SwavState(Network(), new SwavOptions { QueueLength = 8, QueueStart = 1, FrozenSteps = 4 });
        using var optimizer = SwavTraining.Optimizer(state);
        using var folder = path is null ? null : RunFolder.Open(path);
        using var stop = new CancellationTokenSource();
        List<double> losses = [];
        var trainer = new Trainer<ViewBatch>(new SwavProgram(state, Player(state, optimizer)), loader, new TrainerOptions { Epochs = 3 })
        {
            Folder = folder,
            Stepped = report =>
            {
                losses.Add(report.Loss);
                if (losses.Count == stopAfter) stop.Cancel();
            },
        };
        try
        {
            trainer.Run(cancellation: stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        return losses;
    }

    private static Player Player(SwavState state, Optimizer optimizer) =>
        new("encoder", state, optimizer, SwavTraining.Schedule(2, epochs: 3, warmUpEpochs: 1));

    private static Image Noise(int seed, int side)
    {
        var random = new Random(seed);
        return Image.FromFloats(side, side, 3, [.. Enumerable.Range(0, 3 * side * side).Select(_ => random.NextSingle())]);
    }
}
