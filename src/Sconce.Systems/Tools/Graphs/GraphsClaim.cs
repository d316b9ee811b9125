using System.Globalization;
using Sconce.Claims;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// What walks count is the closed form's matrix; and where nodes have features, a graph convolution beats the features alone and the
/// graph's factorisation alone.
/// </summary>
public sealed class GraphsClaim : Claim
{
    private const int Hidden = 32, Steps = 200, Window = 5, WalkedNodes = 40, Walks = 4000, WalkLength = 60;
    private const double Rate = 0.01, Decay = 5e-3, Dropout = 0.5;
    private const string Convolution = "GCN", Features = "features alone", Factors = "NetMF alone", Counted = "random walks";
    private const string Accuracy = "accuracy", Correlation = "correlation with the closed form", Off = "mean relative error";

    /// <inheritdoc/>
    public override string Statement =>
        "DeepWalk factorises a matrix with a closed form; and with features and ten labels a block, a graph convolution beats the " +
            "features without the graph and the graph's embedding without the features.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if counts of 4,000 walks correlate with the closed form by 0.99 and are off by less than 5 %, and a GCN's accuracy on a " +
            "stochastic block model is 0.07 above a network's on features and 0.15 above logistic regression's on NetMF.";

    /// <inheritdoc/>
    public override string? KeepsNone => "Its networks know the nodes of made graphs alone.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(20);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = new TensorScope();
        var (correlation, off) = Walked(seed, options.Quick ? 100 : Walks);
        using var model = new BlockModel(seed);
        int steps = options.Quick ? 3 : Steps;
        TorchRuntime.ManualSeed((ulong)seed);
        using var convolution = new GcnClassifier(BlockModel.Features, Hidden, BlockModel.Blocks, Dropout);
        using var network = new Sequential(
            new Dropout(Dropout), new Linear(BlockModel.Features, Hidden), new Relu(), new Dropout(Dropout),
            new Linear(Hidden, BlockModel.Blocks));
        using var regression = new Linear(BlockModel.Features, BlockModel.Blocks);
        var (embedding, _) = NetMf.Embed(
            NetMf.Log(NetMf.Matrix(NetMf.Adjacency(model.Graph), Window, 1)), BlockModel.Features);
        var scaled = (embedding / embedding.Std([0], keepdim: true)).To(DType.Float32);
        (string Name, Module Module, Func<Tensor> Logits)[] arms =
        [
            (Convolution, convolution, () => convolution.Call(model.Inputs, model.Graph)),
            (Features, network, () => network.Call(model.Inputs)),
            (Factors, regression, () => regression.Call(scaled)),
        ];
        var rows = new List<ClaimRow>();
        foreach (var (name, module, logits) in arms)
        {
            double accuracy = Trained(module, logits, model, steps, cancellation);
            rows.Add(new ClaimRow(name, Accuracy, [accuracy]) { IsMethod = name == Convolution });
            progress?.Report(new WorkProgress($"{name}, seed {seed}", steps, steps));
        }

        rows.Add(new ClaimRow(Counted, Correlation, [correlation]));
        rows.Add(new ClaimRow(Counted, Off, [off]));
        return new SeedResult(rows)
        {
            Configuration =
            [
                ("blocks", "400 nodes in 4 blocks, edges at 0.04 within and 0.012 between, 16 features of deviation 0.45 and noise 1"),
                ("training", $"10 labels a block, {Hidden} hidden, dropout {Dropout}, Adam {Rate}, weight decay {Decay}, {steps} steps"),
                ("walks", $"{Walks} of {WalkLength} nodes on a graph of {WalkedNodes}, window {Window}, from the stationary distribution"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(
        IReadOnlyDictionary<string, List<double>> accuracy, IReadOnlyList<double> correlation, IReadOnlyList<double> off)
    {
        var verdict = ByMargins(
            correlation.Select(value => value - 0.99),
            off.Select(value => 0.05 - value),
            accuracy[Convolution].Zip(accuracy[Features], (own, other) => own - other - 0.07),
            accuracy[Convolution].Zip(accuracy[Factors], (own, other) => own - other - 0.15));
        string means = string.Join(
            ", ", accuracy.Select(arm => string.Create(CultureInfo.InvariantCulture, $"{arm.Key} {arm.Value.Average():0.000}")));
        string walks = string.Create(CultureInfo.InvariantCulture, $"walks correlate by {correlation.Min():0.0000} at least");
        return (verdict, $"{means}; {walks}");
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table.ByArm(Accuracy), table[Counted, Correlation], table[Counted, Off]);
    }

    private static double Trained(Module module, Func<Tensor> logits, BlockModel model, int steps, CancellationToken cancellation)
    {
        using var optimizer = new Adam(module.Parameters(), Rate, weightDecay: Decay);
        module.Train();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            optimizer.ZeroGrad();
            var labels = model.Labels.IndexSelect(0, model.Known);
            Functional.CrossEntropy(logits().IndexSelect(0, model.Known), labels).Backward();
            optimizer.Step();
        }

        using var last = new TensorScope();
        using var noGrad = Gradients.Off();
        module.Eval();
        var answers = logits().IndexSelect(0, model.Unknown).Argmax(-1);
        return answers.Eq(model.Labels.IndexSelect(0, model.Unknown)).To(DType.Float64).Mean().Item<double>();
    }

    /// <summary>How pairs within a window of walks compare with the closed form.</summary>
    private static (double Correlation, double Off) Walked(int seed, int count)
    {
        using var scope = new TensorScope();
        var random = new Random(seed);
        var edges = new List<(long, long)>();
        for (int a = 0; a < WalkedNodes; a++)
        {
            edges.Add((a, (a + 1) % WalkedNodes));
            for (int b = a + 1; b < WalkedNodes; b++)
            {
                if (random.NextDouble() < 0.15) edges.Add((a, b));
            }
        }

        using var graph = Graph.Of(WalkedNodes, edges);
        var counted = Tensor.From(new RandomWalks(graph).Pairs(count, WalkLength, Window, random), [WalkedNodes, WalkedNodes]);
        var seen = counted * counted.Sum() / (counted.Sum([0], keepdim: true) * counted.Sum([1], keepdim: true));
        var matrix = NetMf.Matrix(NetMf.Adjacency(graph), Window, 1);
        Tensor x = seen - seen.Mean(), y = matrix - matrix.Mean();
        double correlation = ((x * y).Sum() / (x.Norm() * y.Norm())).Item<double>();
        return (correlation, ((seen - matrix).Abs().Sum() / matrix.Sum()).Item<double>());
    }
}
