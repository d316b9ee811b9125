using System.Globalization;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>Many answers where there are many, against the mean of them: 2011.01926 §3, in small.</summary>
public sealed class HyperRimClaim : Claim
{
    private const int Known = 60, HeldOut = 60, Batch = 20, Months = 40, Days = 15, Codes = 10, Asked = 24, Shown = 8, Cell = 64;
    private const string Many = "nearest of 10 codes", One = "one code", Error = "error of the best of 24", Spread = "spread of answers";
    private const double Margin = 5;

    /// <inheritdoc/>
    public override string Statement =>
        "Of many random answers letting only the nearest learn gives answers that are all plausible, where plain regression gives "
        + "their mean.";

    /// <inheritdoc/>
    public override string Rule =>
        "Grey squares whose patterns the question hides, 60 to learn from and 60 new. Holds if, on every seed, the mean squared error of "
        + "the best of 24 answers is at least 5 times lower with the nearest of 10 codes than with one. Undecided with fewer than 3 seeds.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int months = options.Quick ? 3 : Months;
        var random = new Random(seed);
        using var scope = new TensorScope();
        var known = AlternativesToy.Draw(Known, random);
        var unseen = AlternativesToy.Draw(HeldOut, random);
        List<ClaimRow> rows = [];
        List<ClaimCurve> curves = [];
        ClaimNetwork? kept = null;
        List<ClaimPicture> pictures = [new("true answers, which the questions hide", Grid(unseen.Targets[..Shown]))];
        foreach (var (arm, codes) in (ReadOnlySpan<(string, int)>)[(Many, Codes), (One, 1)])
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = new AlternativesNetwork();
            using var optimizer = new Adam(network.Parameters(), 2e-3);
            List<double> places = [], losses = [];
            for (int month = 0; month < months; month++)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new WorkProgress($"{arm}, seed {seed}", month, months));
                places.Add(month * Days);
                losses.Add(Live(network, optimizer, known.Inputs, known.Targets, codes));
            }

            if (arm == Many) kept = ClaimNetwork.Of(HyperRimSystem.ClaimNetwork, network);
            using var noGrad = Gradients.Off();
            var (answers, errors) = Answers(network, unseen.Inputs, unseen.Targets, Asked);
            rows.Add(new ClaimRow(arm, Error, [errors.Amin([1]).Mean().Item<double>()]) { IsMethod = arm == Many });
            rows.Add(new ClaimRow(arm, Spread, [answers.Std([1], unbiased: false).Mean().Item<double>()]) { IsMethod = arm == Many });
            curves.Add(new ClaimCurve("squared error of the chosen codes", $"{arm}, seed {seed}", places, losses));
            pictures.Add(new ClaimPicture($"{arm}: eight answers to one question", Grid(answers[0][..Shown])));
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Pictures = pictures,
            Configuration =
            [
                ("data", $"greys with columns, rows or a checkerboard of 8 x 8, shown as 2 x 2: {Known} to learn, {HeldOut} new"),
                ("network", "five convolutions of 32 channels; a code of 8 numbers scales and shifts the second one's features"),
                ("training", $"{months} months of {Days} steps of {Batch}, Adam 2e-3; codes stay for their month"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        var (many, one) = (table[Many, Error], table[One, Error]);
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"best-of-24 errors {many.Average():0.0000} with the nearest of 10 and {one.Average():0.0000} with one code, spread "
            + $"{table[Many, Spread].Average():0.00} and {table[One, Spread].Average():0.00}");
        if (table.Seeds < 3) return (Verdict.Undecided, $"the rule asks for 3 seeds: {reason}");
        return (many.Zip(one).All(pair => pair.First * Margin <= pair.Second) ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <summary>One month: the nearest codes are chosen, and kept for all its steps.</summary>
    private static double Live(AlternativesNetwork network, Adam optimizer, Tensor inputs, Tensor targets, int count)
    {
        using var scope = new TensorScope();
        var pool = Tensor.Randn([Known, count, AlternativesNetwork.Code]);
        Tensor chosen;
        using (Gradients.Off())
        {
            var errors = Errors(network, inputs, targets, pool).Errors;
            var nearest = errors.Argmin(1).View([Known, 1, 1]).Expand([-1, -1, AlternativesNetwork.Code]);
            chosen = pool.Gather(1, nearest).Squeeze(1);
        }

        double sum = 0;
        for (int day = 0; day < Days; day++)
        {
            using var step = new TensorScope();
            var rows = Tensor.Randperm(Known, DType.Int64)[..Batch];
            optimizer.ZeroGrad();
            var made = network.Call(inputs.IndexSelect(0, rows), chosen.IndexSelect(0, rows));
            var loss = (made - targets.IndexSelect(0, rows)).Square().Mean();
            loss.Backward();
            optimizer.Step();
            sum += loss.Item<double>();
        }

        return sum / Days;
    }

    private static (Tensor Answers, Tensor Errors) Answers(AlternativesNetwork network, Tensor inputs, Tensor targets, int count) =>
        Errors(network, inputs, targets, Tensor.Randn([inputs.Size(0), count, AlternativesNetwork.Code]));

    /// <summary>Answers <c>(N, m, 8, 8)</c> to codes <c>(N, m, 8)</c>, and the mean squared error of each, <c>(N, m)</c>.</summary>
    private static (Tensor Answers, Tensor Errors) Errors(AlternativesNetwork network, Tensor inputs, Tensor targets, Tensor codes)
    {
        long count = codes.Size(1);
        var asked = inputs.Unsqueeze(1).Expand([-1, count, -1, -1, -1]).Flatten(0, 1);
        var answers = network.Call(asked, codes.Flatten(0, 1)).View([-1, count, AlternativesToy.Side, AlternativesToy.Side]);
        return (answers, (answers - targets).Square().Mean([2, 3]));
    }

    private static byte[] Grid(Tensor pictures) => ImageGrid
        .Create(
            PaintedPictures.Of((pictures.Reshape([-1, 1, AlternativesToy.Side, AlternativesToy.Side]) * 2) - 1)
                .Select(one => one.Resize(Cell, Cell, ResizeFilter.Nearest)),
            Shown)
        .Encode(ImageFormat.Png);
}
