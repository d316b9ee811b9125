using System.Globalization;
using Sconce.Claims;
using Sconce.Maths;
using Sconce.Networks;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>A damped pendulum learnt with a law that knows no friction: 2010.04456 table 1, in small.</summary>
public sealed class AphynityClaim : Claim
{
    private const int Trajectories = 25, Window = 6, Hidden = 64, Steps = 1500;
    private const string Least = "APHYNITY", Joint = "joint, fit alone", Network = "network alone", Physics = "physics alone";
    private const string Error = "log10 mean squared error of roll-outs", Coefficient = "relative error of ω₀²";

    /// <inheritdoc/>
    public override string Statement =>
        "A known but incomplete law with the least correction forecasts far better than the law or a network alone, and finds the law's " +
            "true coefficient, which fitting both together without that constraint does not.";

    /// <inheritdoc/>
    public override string Rule =>
        "On 25 unseen pendulums rolled out over 40 states. Holds if the mean log10 error of APHYNITY is 1 below that of the network " +
            "alone and 3 below that of physics alone, and its median error of ω₀² is under 3 % and at most half that of the joint fit. " +
            "Fewer than 3 seeds: undecided.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Entry { get; } = new("aphynity_claim", "what the claim trains: a frictionless pendulum's law, corrected",
        _ => AphynityVariants.OfPendulum(complete: false, Hidden))
    {
        Capabilities = [new TensorInput(2), new PendulumForecaster()],
    };

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = new TensorScope();
        var windows = PendulumTrajectories.Windows(PendulumTrajectories.Draw(Trajectories, 2 * seed), Window);
        var unseen = PendulumTrajectories.Draw(Trajectories, (2 * seed) + 1);
        var trial = new AphynityTrial(options.Quick ? 20 : Steps);
        ClaimNetwork? kept = null;
        var rows = new List<ClaimRow>();
        var curves = new List<ClaimCurve>();
        foreach (string arm in (string[])[Least, Joint, Network, Physics])
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var forecaster = new Forecaster(
                arm == Network ? null : new PendulumLaw(complete: false), arm == Physics ? null : new MlpCorrection(2, Hidden));
            var losses = trial.Train(forecaster, windows, arm == Least, seed, $"{arm}, seed {seed}", progress, cancellation);
            rows.Add(new ClaimRow(arm, Error, [RollOutError(forecaster, unseen)]) { IsMethod = arm == Least });
            if (forecaster.Law is PendulumLaw law)
            {
                double off = Math.Abs(law.Stiffness.Item<double>() - PendulumTrajectories.Stiffness) / PendulumTrajectories.Stiffness;
                rows.Add(new ClaimRow(arm, Coefficient, [off]) { IsMethod = arm == Least });
            }

            if (arm == Least) kept = ClaimNetwork.Of(Entry.Name, forecaster);
            double[] log = [.. losses.Select(loss => Math.Log10(Math.Max(loss, 1e-12)))];
            double[] steps = [.. log.Select((_, step) => (double)step)];
            curves.Add(new ClaimCurve("log10 loss of trajectories", $"{arm}, seed {seed}", steps, log));
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Configuration =
            [
                ("data", $"{Trajectories} pendulums of 40 states 0.5 s apart, all stretches of {Window}; friction 0.2, ω₀² (2π/6)²"),
                ("forecaster", $"a frictionless law whose ω₀² begins at 0.2, corrected by 2-{Hidden}-{Hidden}-2"),
                ("training", $"Adam 2e-3, of the law 1e-2, cosine to 1e-5, {trial.Steps} steps of {trial.Batch}; " +
                    "λ from 1, by 20 times the loss more every 5 steps"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(
        IReadOnlyDictionary<string, List<double>> errors, IReadOnlyDictionary<string, List<double>> coefficients)
    {
        double own = errors[Least].Average(), network = errors[Network].Average(), physics = errors[Physics].Average();
        double found = Median(coefficients[Least]), joint = Median(coefficients[Joint]);
        string said = string.Create(
            CultureInfo.InvariantCulture, $"log10 errors {own:0.00}, of the network {network:0.00}, of physics {physics:0.00}");
        string reason = string.Create(CultureInfo.InvariantCulture, $"{said}; ω₀² off by {found:0.0%}, by {joint:0.0%} of the joint fit");
        if (errors[Least].Count < 3) return (Verdict.Undecided, $"the rule asks for 3 seeds: {reason}");
        bool holds = own <= network - 1 && own <= physics - 3 && found < 0.03 && found <= joint / 2;
        return (holds ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table.ByArm(Error), table.ByArm(Coefficient));
    }

    private static double RollOutError(Forecaster forecaster, Tensor trajectories)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        double[] times = PendulumTrajectories.Times((int)trajectories.Size(2));
        var forecast = forecaster.Forecast(trajectories.Select(2, 0), times, new ThreeEighthsSolver());
        double error = AphynityLoss.Trajectories(forecast, trajectories).Item<double>();
        return double.IsFinite(error) ? Math.Log10(Math.Max(error, 1e-12)) : 6; // one that ran away
    }

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
