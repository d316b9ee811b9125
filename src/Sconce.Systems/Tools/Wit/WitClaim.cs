using System.Globalization;
using System.Text;
using Sconce.Claims;
using Sconce.Data.Procedural;
using Sconce.Optim;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.Wit;

/// <summary>Pictures of shapes found by their captions, and by captions with the page's context: 2103.01913 §5, in small.</summary>
public sealed class WitClaim : Claim
{
    private const int Side = 32, Length = 48, Rows = 4000, Gallery = 300, Batch = 96, Steps = 300;
    private const string With = "caption and context", Without = "caption alone";
    private const double Rate = 1e-3, Chance = 5.0 / Gallery;

    private static readonly string[] Filler =
        ["history", "region", "museum", "collection", "article", "century", "list", "notable", "general", "reference"];

    private static RunConfiguration Learnt =>
        new("wit_small", new WitMethod().Name, new WitSettings { Side = Side, Length = Length, Text = WitText.Context });

    /// <inheritdoc/>
    public override string Statement =>
        "The text around a picture on its page makes it far easier to find than its caption alone.";

    /// <inheritdoc/>
    public override string Rule =>
        "300 pictures, one right for each text. Holds if in each seed recall at 5 with context is 0.30 above that " +
        "without, and that without " +
            "is 3 times chance or more.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int rows = options.Quick ? 200 : Rows, steps = options.Quick ? 4 : Steps;
        var (table, pictures) = Make(rows + Gallery, new Random(seed));
        var read = WitReader.Read(new StringReader(table), "made rows").Select(record => record.Row!).ToList();
        var result = new List<ClaimRow>();
        ClaimNetwork? kept = null;
        foreach (var kind in (WitText[])[WitText.Caption, WitText.Context])
        {
            string name = kind == WitText.Caption ? Without : With;
            var recall = Run(read, pictures, kind, rows, steps, seed, $"{name}, seed {seed}",
                network => kept = kind == WitText.Context ? ClaimNetwork.OfRun(Learnt, new WitMethod(), network) : kept,
                progress, cancellation);
            foreach (int k in (int[])[1, 5, 10])
                result.Add(new ClaimRow(name, $"recall@{k}", [recall.At(k)]) { IsMethod = kind == WitText.Context });
        }

        return new SeedResult(result)
        {
            Network = kept,
            Configuration =
            [
                ("rows", $"{Rows} made pictures of {Side} x {Side} with captions and pages, written as a table of WIT and read again; " +
                    $"{Gallery} others to be found"),
                ("network", "convolutions of 32, 64, 128, 128; a transformer of 2 layers of 64 over hashed words"),
                ("training", $"AdamW {Rate}, cosine, {Steps} steps of {Batch}, softmax both ways"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyDictionary<string, List<double>> recall)
    {
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"recall at 5: {recall[With].Average():0.00} with context, {recall[Without].Average():0.00} without");
        return (ByMargins(
            recall[With].Zip(recall[Without], (own, other) => own - other - 0.30),
            recall[Without].Select(value => value - (3 * Chance))), reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table.ByArm("recall@5"));
    }

    /// <summary>A table of made pages, and the pictures that they show.</summary>
    internal static (string Table, List<float[]> Pictures) Make(int count, Random random)
    {
        var table = new StringBuilder(string.Join('\t', WitRow.Columns)).Append('\n');
        var pictures = new List<float[]>();
        for (int k = 0; k < count; k++)
        {
            var scene = new ColoredShape((ShapeKind)random.Next(8), (ShapeColor)random.Next(6), random.Next(2) == 0, random.Next(2) == 0);
            int drawn = random.Next();
            var planes = new float[3 * Side * Side];
            ColoredShapes.Draw(scene, new Random(drawn), planes, Side);
            pictures.Add(planes);
            var place = new Random(drawn); // as it is drawn: radius, then across, then down
            place.NextDouble();
            string across = place.NextDouble() < 0.5 ? "left" : "right", down = place.NextDouble() < 0.5 ? "top" : "bottom";
            string shape = scene.Shape.ToString().ToLowerInvariant(), color = scene.Color.ToString().ToLowerInvariant();
            string[] attributes = [color, scene.IsBig ? "big" : "small", scene.IsLight ? "light" : "dark", across, down];
            string caption = $"photo of the {shape}" + (random.Next(2) == 0 ? $" {attributes[random.Next(attributes.Length)]}" : "");
            string page = $"page about {Word()}" + (random.NextDouble() < 0.8 ? $" {color}" : "");
            var told = attributes.Skip(1).Select(word => random.NextDouble() < 0.7 ? $" {word}" : "");
            string section = $"section{string.Concat(told)} {Word()}";
            string[] fields =
            [
                "en", $"https://en.example/page{k}", $"https://pictures.example/{k}.png", "", "", "", caption, "", "",
                "image/png", "300", "400",
                "false", "", "false", page, section,
            ];
            table.Append(string.Join('\t', fields)).Append('\n');
        }

        return (table.ToString(), pictures);

        string Word() => Filler[random.Next(Filler.Length)];
    }

    private static RetrievalRecall Run(
        List<WitRow> rows, List<float[]> pictures, WitText kind, int training, int steps, int seed, string name,
        Action<ClipModel> learned, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed((ulong)seed);
        using var network = WitNetworks.Create(Side, Length);
        var words = new HashedWords(WitNetworks.Buckets, Length);
        var tokens = Tensor.From([.. rows.SelectMany(row => words.Encode(WitData.TextOf(row, kind)!))], [rows.Count, Length]);
        var images = (Tensor.From([.. pictures.SelectMany(planes => planes)], [pictures.Count, 3, Side, Side]) * 2) - 1;
        using var optimizer = new AdamW(network.Parameters(), Rate);
        var schedule = LearningRateSchedule.Cosine(Rate, steps);
        var random = new Random(seed);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var one = new TensorScope();
            long[] drawn = [.. Enumerable.Range(0, Batch).Select(_ => random.NextInt64(training))];
            var chosen = Tensor.From(drawn, [Batch]);
            optimizer.LearningRate = schedule.At(step);
            optimizer.ZeroGrad();
            PairLoss.Compute(
                network.EncodeImage(images.IndexSelect(0, chosen)), network.EncodeText(tokens.IndexSelect(0, chosen)), network.LogitScale,
                chosen).Backward();
            optimizer.Step();
            network.ClampLogitScale();
            progress?.Report(new WorkProgress(name, step + 1, steps));
        }

        network.Eval();
        learned(network);
        using var noGrad = Gradients.Off();
        var asked = Tensor.Arange(training, rows.Count, DType.Int64);
        var texts = ContrastiveLoss.UnitLength(network.EncodeText(tokens.IndexSelect(0, asked)));
        var seen = ContrastiveLoss.UnitLength(network.EncodeImage(images.IndexSelect(0, asked)));
        double[] cosines = texts.Matmul(seen.T()).To(DType.Float64).Contiguous().ToArray<double>();
        return RetrievalRecall.OfQueries(cosines, [.. Enumerable.Range(0, Gallery)]);
    }
}
