using Sconce.Nn;
using Sconce.Systems.Detection.ArtDetection;
using Sconce.Systems.Detection.Tsp;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Bench.Vision;

/// <summary>
/// Two detectors at 480 pixels with a compiled trunk: Faster R-CNN against torchvision's, TSP-FCOS against its own operators one by one in
/// PyTorch. The surest scores are compared, which do not depend on the order of what is nearly equal.
/// </summary>
internal sealed class DetectorsGroup : BenchGroup
{
    private const int Side = 480, Compared = 10;
    private const string Faster = "faster_rcnn", Tsp = "tsp_fcos";

    internal override string Name => "detectors";

    internal override string About => "Faster R-CNN and TSP-FCOS with compiled trunks, against torchvision and PyTorch's operators";

    internal override void Measure(BenchTable table)
    {
        foreach (string name in (string[])[Faster, Tsp]) BenchTable.Own(Name, "prepare", name, table.Folder);
        table.Row("Faster R-CNN R50-FPN, 480, compiled trunk, against torchvision", () => BenchTable.Own(Name, Faster, table.Folder),
            () => BenchTable.Peer("detectors.py", table.Folder), 1.4);
        table.Row("TSP-FCOS R50, 480, compiled trunk, against PyTorch's operators", () => BenchTable.Own(Name, Tsp, table.Folder),
            () => BenchTable.Peer("peer.py", "forward", Tsp, "1", table.Folder, "operators"), 1.4);
    }

    internal override Measured Work(string[] task) => task switch
    {
        ["prepare", Faster, var folder] => PrepareFaster(folder),
        ["prepare", Tsp, var folder] => PrepareTsp(folder),
        [Faster, var folder] => AskFaster(folder),
        [Tsp, var folder] => AskTsp(folder),
        _ => throw Unknown(task),
    };

    private static FasterRcnn CreateFaster() => new(new FasterRcnnConfig { LeastSide = Side, MostSide = 800 });

    private static Measured PrepareFaster(string folder)
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var network = CreateFaster();
        var picture = Tensor.Rand([3, Side, Side]);
        Spread(network, "rpn.head.cls_logits.weight", 4); // more would bring many chances to 1, whose order nothing tells
        Spread(network, "rpn.head.conv.0.0.weight", 5);
        Spread(network, "roi_heads.box_predictor.cls_score.weight", 4);
        using (Gradients.Off())
        {
            network.Eval();
            var trunk = network["backbone.body"];
            BatchNormStatistics.Recompute(trunk, [() => ((Module<Tensor, Tensor>)trunk).Call(Tensor.Randn([2, 3, Side, Side]))]);
            Soften(network, "roi_heads.box_predictor.cls_score.weight", () => network.Call([picture])[0].Scores);
        }

        ModelWeights.Save(network, Path.Combine(folder, Faster + ".pth"));
        Worker.Save(Path.Combine(folder, Faster + "-in.npy"), picture);
        return new Measured { Seconds = 1e-9 };
    }

    private static Measured AskFaster(string folder)
    {
        using var scope = new TensorScope();
        using var network = CreateFaster();
        ModelWeights.Load(network, Path.Combine(folder, Faster + ".pth"));
        network.Eval();
        network.Compile();
        var picture = Worker.Load(Path.Combine(folder, Faster + "-in.npy"));
        using var inference = Gradients.Inference();
        double seconds = Worker.Timed(
            () =>
            {
                using var step = new TensorScope();
                network.Call([picture]);
            },
            4,
            5);
        float[] scores = network.Call([picture])[0].Scores.ToArray<float>();
        return new Measured { Seconds = seconds, Losses = [.. scores.OrderDescending().Take(Compared).Select(score => (double)score)] };
    }

    private static Measured PrepareTsp(string folder)
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var network = new TspFcos();
        using var off = Gradients.Off();
        Spread(network, "fcos_head.cls_logits.weight", 5);
        Spread(network, "cls_logits.weight", 5);
        // Constants in place of norms leave the numbers to grow from block to block.
        foreach (var (name, tensor) in network.StateDict().Where(entry => entry.Name.Contains("norm.weight", StringComparison.Ordinal)
            && entry.Name.Contains("backbone.", StringComparison.Ordinal))) tensor.FillInPlace(0.4);
        network.Eval();
        network.RequireGrad(false);
        var picture = Tensor.Rand([3, Side, Side]) * 255;
        Soften(network, "cls_logits.weight", () => Surest(network, picture));
        ModelWeights.Save(network, Path.Combine(folder, Tsp + ".pth"));
        Worker.Save(Path.Combine(folder, $"{Tsp}-1-in.npy"), picture);
        Worker.Save(Path.Combine(folder, $"{Tsp}-1-out.npy"), Surest(network, picture));
        using var traced = ScriptModule.Trace(inputs => [Surest(network, inputs[0])], picture);
        traced.Save(Path.Combine(folder, $"{Tsp}-1.pt"));
        return new Measured { Seconds = 1e-9 };
    }

    private static Measured AskTsp(string folder)
    {
        using var scope = new TensorScope();
        using var network = new TspFcos();
        ModelWeights.Load(network, Path.Combine(folder, Tsp + ".pth"));
        network.Eval();
        network.RequireGrad(false);
        network.Compile();
        var picture = Worker.Load(Path.Combine(folder, $"{Tsp}-1-in.npy"));
        var expected = Worker.Load(Path.Combine(folder, $"{Tsp}-1-out.npy"));
        using var inference = Gradients.Inference();
        double seconds = Worker.Timed(
            () =>
            {
                using var step = new TensorScope();
                Surest(network, picture);
            },
            4,
            5);
        double usual = expected.Square().Mean().Sqrt().Item<double>();
        double difference = (Surest(network, picture) - expected).Abs().Max().Item<double>() / usual;
        return new Measured { Seconds = seconds, Difference = difference };
    }

    private static Tensor Surest(TspFcos network, Tensor picture)
    {
        var found = network.Call([picture]);
        return found.Logits.Sigmoid().Max(2).Item1.Topk(Compared, 1).Item1;
    }

    /// <summary>Halves what makes the scores, until the largest of them is far from 1, where all differences vanish.</summary>
    private static void Soften(Module network, string name, Func<Tensor> scores)
    {
        const double Sure = 0.95;
        for (int halved = 0; halved < 20; halved++)
        {
            using var scope = new TensorScope();
            if (scores().Max().Item<float>() < Sure) return;
            Spread(network, name, 0.5);
        }

        throw new InvalidOperationException($"{name}: the scores stay at 1");
    }

    /// <summary>Initial weights make all chances nearly equal; then the last digit would choose.</summary>
    private static void Spread(Module network, string name, double factor)
    {
        using var off = Gradients.Off();
        var weight = network.NamedParameters().First(named => named.Name == name).Parameter;
        weight.CopyInPlace(weight * factor);
    }
}
