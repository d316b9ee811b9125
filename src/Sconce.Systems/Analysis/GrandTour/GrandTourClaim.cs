using System.Globalization;
using Sconce.Claims;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.GrandTour;

/// <summary>Does a tour come past a view that tells two groups apart where the directions of most variance hide them?</summary>
public sealed class GrandTourClaim : Claim
{
    private const int Dimensions = 10, Points = 400, Separating = 7;
    private const double Apart = 1.8, Nuisance = 3, Step = 0.5, LeastBest = 0.93, MostPrincipal = 0.7;
    private const string Principal = "principal components", Tour = "tour", Split = "accuracy of a linear split";
    private const string Orthogonal = "farthest from orthogonal", Move = "largest move of a unit point, of its bound";
    private const string Drop = "dragged row's misdirection";

    /// <inheritdoc/>
    public override string Statement =>
        "A grand tour of two minutes comes past views that tell two groups apart which the two directions of most variance hide, moves "
        + "smoothly, and lets an axis be dragged where a hand wants it.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, on every seed, the tour's best view splits the groups with an accuracy of at least 0.93 and the principal components' "
        + "view with at most 0.7, the tour stays orthogonal to 1e-5, no unit point moves farther between two frames than the sum of the "
        + "speeds times the time between them, and a dragged axis has the direction of the drag to 1e-6; does not hold otherwise.";

    /// <inheritdoc/>
    public override string? KeepsNone => "It turns points and trains no network.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var generator = new Generator((ulong)seed);
        var random = new Random(seed);
        var groups = Tensor.Arange(Points) % 2;
        var points = Tensor.Randn([Points, Dimensions], generator).To(DType.Float64);
        foreach (int axis in (int[])[0, 1, 2]) points[.., axis] *= Nuisance;
        points[.., Separating] += (groups.To(DType.Float64) * (2 * Apart)) - Apart;
        double[] speeds = [.. Enumerable.Range(0, TourMatrix.Angles(Dimensions)).Select(_ => 0.1 + (0.5 * random.NextDouble()))];
        int frames = options.Quick ? 60 : 240;
        double[] accuracies = new double[frames];
        double farthest = 0, move = 0;
        var before = TourMatrix.At(speeds, 0, Dimensions);
        for (int frame = 0; frame < frames; frame++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = new TensorScope();
            var tour = TourMatrix.At(speeds, frame * Step, Dimensions);
            accuracies[frame] = Accuracy(TourMatrix.Project(points, tour), groups);
            farthest = Math.Max(farthest, (tour.Matmul(tour.T()) - Tensor.Eye(Dimensions, tour.DType)).Abs().Max().Item<double>());
            // The farthest that any unit point moves on the screen is the largest singular value of the change.
            var change = (tour - before)[.., 0..2];
            if (frame > 0) move = Math.Max(move, Functional.LinalgSvd(change, fullMatrices: false).S.Max().Item<double>());
            before.CopyInPlace(tour);
            progress?.Report(new WorkProgress("touring", frame + 1, frames));
        }

        return new SeedResult(
        [
            new ClaimRow(Principal, Split, [Accuracy(PrincipalView(points), groups)]),
            new ClaimRow($"{Tour}, best view", Split, [accuracies.Max()]) { IsMethod = true },
            new ClaimRow($"{Tour}, mean over views", Split, [accuracies.Average()]) { IsMethod = true },
            new ClaimRow(Tour, Orthogonal, [farthest]) { IsMethod = true },
            new ClaimRow(Tour, Move, [move / (speeds.Sum() * Step)]) { IsMethod = true },
            new ClaimRow(Tour, Drop, [Misdirection(before, random)]) { IsMethod = true },
        ])
        {
            Curves = [new ClaimCurve("accuracy of a linear split by second", $"tour, seed {seed}",
                [.. accuracies.Select((_, frame) => frame * Step)], accuracies)],
            Configuration =
            [
                ("points", "400 in 10 dimensions, two groups 3.6 apart on axis 7, deviations of 3 on axes 0 to 2, else 1"),
                ("tour", "torus method, 120 s in steps of 0.5 s, speeds from 0.1 to 0.6 radians a second"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(
        IReadOnlyList<double> principal, IReadOnlyList<double> best, IReadOnlyList<double> orthogonal, IReadOnlyList<double> move,
        IReadOnlyList<double> drop)
    {
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"the tour's best view at least {best.Min():0.000}, the principal components' at most {principal.Max():0.000}; "
            + $"orthogonal to {orthogonal.Max():0.0E+0}, moves at most {move.Max():0.00} of the bound, a drop to {drop.Max():0.0E+0}");
        bool holds = best.Min() >= LeastBest && principal.Max() <= MostPrincipal && orthogonal.Max() <= 1e-5 && move.Max() <= 1
            && drop.Max() <= 1e-6;
        return (holds ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) => Judge(
        table[Principal, Split], table[$"{Tour}, best view", Split], table[Tour, Orthogonal], table[Tour, Move], table[Tour, Drop]);

    private static Tensor PrincipalView(Tensor points)
    {
        var centred = points - points.Mean([0], keepdim: true);
        return centred.Matmul(Functional.LinalgSvd(centred, fullMatrices: false).Vh[..2].T());
    }

    /// <summary>Fisher's direction and the better of the two ways round a threshold midway between the means.</summary>
    private static double Accuracy(Tensor view, Tensor groups)
    {
        using var scope = new TensorScope();
        var second = groups.Eq(1);
        var (one, other) = (view[second.LogicalNot()], view[second]);
        var (below, above) = (one.Mean([0]), other.Mean([0]));
        var within = Scatter(one, below) + Scatter(other, above) + (Tensor.Eye(2, view.DType) * 1e-9);
        var direction = within.Inverse().Matmul(above - below);
        var threshold = ((above + below) / 2 * direction).Sum();
        double right = view.Matmul(direction).Gt(threshold).Eq(second).To(DType.Float64).Mean().Item<double>();
        return Math.Max(right, 1 - right);

        static Tensor Scatter(Tensor rows, Tensor mean)
        {
            var centred = rows - mean;
            return centred.T().Matmul(centred);
        }
    }

    /// <summary>How far a dragged row's direction is from where the drag pointed.</summary>
    private static double Misdirection(Tensor tour, Random random)
    {
        using var scope = new TensorScope();
        var drag = Tensor.From([random.NextDouble() - 0.5, random.NextDouble() - 0.5]);
        var wanted = tour[3] + Functional.Pad(drag, [0, Dimensions - 2]);
        var dropped = TourHandles.DragAxis(tour, 3, drag)[3];
        return (dropped - (wanted / wanted.Norm())).Abs().Max().Item<double>();
    }
}
