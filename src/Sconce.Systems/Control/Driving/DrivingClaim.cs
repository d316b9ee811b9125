using System.Globalization;
using Sconce.Claims;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Control.Driving;

/// <summary>
/// Cloning against DAgger with as many labels, judged by driving from beside the lane of nearly straight roads; and noise on the camera of
/// a policy of winding roads.
/// </summary>
public sealed class DrivingClaim : Claim
{
    private const double Straight = 0.03, Winding = 0.5, Eps = 0.02;
    private const int Drives = 24, DriveSteps = 100, AttackedDrives = 20, AttackedSteps = 15, Unseen = 1_000_000;
    private const string Cloning = "behavioural cloning", Dagger = "DAgger", Expert = "the expert", Policy = "policy of winding roads";
    private const string Off = "share of steps off the road", Offset = "mean offset, m", Offline = "loss on the expert's states";
    private const string Error = "mean steering error";

    /// <inheritdoc/>
    public override string Statement =>
        "With as many labels, a policy that asks the expert about its own drives keeps the lane where one that only " +
        "saw the expert's does " +
            "not, though its loss on the expert's states is greater; and noise that nobody sees turns the wheel if " +
            "it follows the gradient.";

    /// <inheritdoc/>
    public override string Rule =>
        "24 unseen roads, 100 steps from beside the lane, which the demonstrations do not contain. Holds if in each " +
        "seed cloning is off the " +
            "road for 0.2 of the steps or more, DAgger for 0.05 or less, and DAgger's loss on the expert's states " +
            "is the greater; and if at " +
            "0.02 of the range FGSM's error of steering is 4 times that of random signs or more, and PGD's no less than FGSM's.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = new TensorScope();
        int share = options.Quick ? 20 : 1;
        var (cloning, shown) = Cloned(seed, Straight, 900 / share, cancellation);
        progress?.Report(new WorkProgress($"{Cloning}, seed {seed}", 1, 3));
        var dagger = Asked(seed, share, cancellation);
        progress?.Report(new WorkProgress($"{Dagger}, seed {seed}", 2, 3));
        var (winding, _) = Cloned(seed, Winding, 900 / share, cancellation);
        progress?.Report(new WorkProgress($"attacks, seed {seed}", 3, 3));
        var rows = new List<ClaimRow>();
        foreach (var (name, policy) in ((string, DrivingPolicy?)[])[(Cloning, cloning), (Dagger, dagger), (Expert, null)])
        {
            var drives = LaneDrive.Run(
                new LaneCars(Drives, Straight, true, new Random(Unseen + seed)), DriveSteps,
                cars => policy is null ? cars.Expert : LaneDrive.Steer(policy, cars));
            bool isMethod = name == Dagger;
            rows.Add(new ClaimRow(name, Off, [drives.OffRoad]) { IsMethod = isMethod });
            rows.Add(new ClaimRow(name, Offset, [drives.MeanOffset]) { IsMethod = isMethod });
            if (policy is not null) rows.Add(new ClaimRow(name, Offline, [LossOf(policy, shown)]) { IsMethod = isMethod });
        }

        rows.AddRange(Attacks(winding, seed));
        var kept = ClaimNetwork.Of("driving_policy", dagger);
        foreach (var policy in (DrivingPolicy[])[cloning, dagger, winding]) policy.Dispose();
        return new SeedResult(rows)
        {
            Network = kept,
            Configuration =
            [
                ("cloning", "16 drives of 100 steps of the expert from the lane's centre, 900 steps of Adam 1e-3, batches of 64"),
                (Dagger, "8 such drives, 300 steps; twice 16 drives of its own of 25 steps from beside the lane, 300 and 900 steps"),
                ("roads", $"winding by {Straight}; for attacks by {Winding}, where cloning comes back by itself from the same starts"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(
        IReadOnlyDictionary<string, List<double>> off, IReadOnlyDictionary<string, List<double>> offline,
        IReadOnlyDictionary<string, List<double>> errors)
    {
        double Mean(string attack) => errors[NameOf(attack)].Average();
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"off the road {off[Cloning].Average():0.00} and {off[Dagger].Average():0.00}; steering error {Mean("none"):0.000} clean, " +
            $"{Mean("random"):0.000} by random signs, {Mean("fgsm"):0.000} by FGSM, {Mean("pgd"):0.000} by PGD");
        if (off[Cloning].Count < 3) return (Verdict.Undecided, $"3 seeds are asked for: {reason}");
        bool drives = off[Cloning].All(value => value >= 0.2) && off[Dagger].All(value => value <= 0.05)
            && offline[Dagger].Zip(offline[Cloning], (own, other) => own > other).All(greater => greater);
        bool attacks = Mean("fgsm") >= 4 * Mean("random") && Mean("pgd") >= Mean("fgsm");
        return (drives && attacks ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table.ByArm(Off), table.ByArm(Offline), table.ByArm(Error));
    }

    private static string NameOf(string attack) => $"{Policy}, {attack}";

    private static (DrivingPolicy Policy, Demonstrations Shown) Cloned(
        int seed, double curviness, int steps, CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed((ulong)seed);
        var policy = new DrivingPolicy();
        var shown = new Demonstrations(policy, new ImitationSettings(), false);
        shown.Add(new LaneCars(16, curviness, false, new Random(seed)), 100, cars => cars.Expert);
        Learn(policy, shown, steps, seed, cancellation);
        return (policy, shown);
    }

    private static DrivingPolicy Asked(int seed, int share, CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed((ulong)seed);
        var policy = new DrivingPolicy();
        var shown = new Demonstrations(policy, new ImitationSettings(), true);
        var random = new Random(seed);
        shown.Add(new LaneCars(8, Straight, false, random), 100, cars => cars.Expert);
        Learn(policy, shown, 300 / share, seed, cancellation);
        foreach (int steps in (int[])[300, 900])
        {
            shown.Add(new LaneCars(16, Straight, true, random), 25, cars => LaneDrive.Steer(policy, cars));
            Learn(policy, shown, steps / share, seed + steps, cancellation);
        }

        return policy;
    }

    private static void Learn(DrivingPolicy policy, Demonstrations shown, int steps, int seed, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var optimizer = new Adam(policy.Parameters(), 1e-3);
        var random = new Random(seed);
        // Every view is drawn once; what is drawn again costs a look, not a picture.
        var pictures = CarView.See(shown.Batch([.. Enumerable.Range(0, shown.Count)]).Views);
        var expert = Tensor.From(shown.Batch([.. Enumerable.Range(0, shown.Count)]).Expert, [shown.Count, 1]);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var one = new TensorScope();
            var rows = Tensor.From([.. Enumerable.Range(0, 64).Select(_ => random.NextInt64(shown.Count))], [64]);
            optimizer.ZeroGrad();
            (policy.Call(pictures.IndexSelect(0, rows)) - expert.IndexSelect(0, rows)).Square().Mean().Backward();
            optimizer.Step();
        }
    }

    private static double LossOf(DrivingPolicy policy, Demonstrations shown)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return Imitation.Loss(policy, shown.Batch([.. Enumerable.Range(0, shown.Count)])).Item<double>();
    }

    /// <summary>Errors of steering on the expert's drives of unseen winding roads, as the policy learnt on.</summary>
    private static List<ClaimRow> Attacks(DrivingPolicy policy, int seed)
    {
        policy.Eval();
        var places = new List<(CarView View, double Expert)>();
        LaneDrive.Run(
            new LaneCars(AttackedDrives, Winding, false, new Random(Unseen + seed)), AttackedSteps * 10,
            cars => cars.Expert, watch: (cars, _) => places.AddRange(cars.Views.Zip(cars.Expert)));
        (CarView View, double Expert)[] some = [.. places.Where((_, k) => k / AttackedDrives % 10 == 0)];
        double[] expert = [.. some.Select(place => place.Expert)];
        return
        [
            .. Enum.GetValues<CameraAttack>().Select(attack =>
            {
                var driver = new AttackedDriver(policy, attack, Eps, new Random(seed));
                double[] steering = driver.Steer([.. some.Select(place => place.View)], expert).Steering;
                double error = steering.Zip(expert, (own, right) => Math.Abs(own - right)).Average();
                return new ClaimRow(NameOf(attack.ToString().ToLowerInvariant()), Error, [error]);
            }),
        ];
    }
}
