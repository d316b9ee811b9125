using System.Diagnostics;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;

namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>How far a problem is solved.</summary>
[Settings]
public sealed partial record SolveSettings
{
    /// <summary>Solver steps; of a run's network those that its jumps reach.</summary>
    [Within(1, 10_000_000)]
    public int Steps { get; init; } = 1000;

    /// <summary>Which solver; else the one that the network learnt.</summary>
    [LeftOpen]
    public HeatScheme? Scheme { get; init; }
}

/// <summary>A solution, or two side by side.</summary>
/// <param name="Heat">The solver's field; with a network its own and the difference beside it.</param>
/// <param name="Times">Seconds of each way.</param>
/// <param name="Errors">How far the network is from the solver, at each jump; null without a network.</param>
public sealed record SolveAnswer(MadeClip Heat, Rows Times, Rows? Errors) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts =>
        Errors is null ? [("heat", Heat), ("times", Times)] : [("heat", Heat), ("times", Times), ("errors", Errors)];
}

/// <summary>Solves heat conduction by alternating directions, and with a run by its network too.</summary>
public sealed class SolveHeat : Ability<HeatFile, SolveAnswer, SolveSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Solve;

    /// <inheritdoc/>
    public override string Purpose =>
        "problems in (JSON: lambda, initial, bottom, right, top, left); out, a clip by the network and by the solver, difference and times";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("heat.json --steps 1000 --out heat.mp4", "by the solver alone; with a run's folder in place of the name by its network too")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<HeatSurrogate>();

    /// <inheritdoc/>
    public override Session<HeatFile, SolveAnswer, SolveSettings> Open(OpenRequest request) => new SolveHeatSession(request);
}

/// <summary>A solver, and perhaps a network.</summary>
public sealed class SolveHeatSession : Session<HeatFile, SolveAnswer, SolveSettings>
{
    private const int OwnSize = 24, OwnJump = 10;
    private const double FrameRate = 20;
    private readonly HeatNetwork? network;
    private readonly HeatSettings? learnt;

    /// <summary>Loads a run's network; without a run only the solver answers.</summary>
    public SolveHeatSession(OpenRequest request)
    {
        if (!request.HasWeights) return;
        learnt = (request as CatalogueRequest)?.Run?.Configuration?.Settings as HeatSettings
            ?? throw new UsageException(
                $"{request.Name}: weights alone do not say their grid and jump; name the folder of a run, or nothing for the solver alone");
        network = request.Network<HeatNetwork>();
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<SolveAnswer> Answer(
        IReadOnlyList<HeatFile> inputs, SolveSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Solve(input, settings, progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => network?.Dispose();

    private SolveAnswer Solve(HeatFile input, SolveSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var (problem, asked) = input.Read();
        int size = learnt?.Grid ?? asked ?? OwnSize, jump = learnt?.Jump ?? Math.Min(OwnJump, settings.Steps);
        if (asked is { } side && side != size)
        {
            throw new UsageException(
                $"{input.Name} is of {side} x {side}, and the network learnt {size} x {size}: train another on a grid of {side}");
        }

        if (settings.Steps < jump)
            throw new SettingsException("steps", called => $"{called} {settings.Steps}: one jump of the network is {jump} steps");
        var scheme = settings.Scheme ?? learnt?.Scheme ?? HeatScheme.Textbook;
        Warn(problem, progress);
        var solver = HeatSolver.Of(problem, size, scheme);
        double[] start = solver.Field.ToArray();
        List<double[]> right = [start], guessed = [start];
        var clock = Stopwatch.StartNew();
        for (int step = jump; step <= settings.Steps; step += jump)
        {
            cancellation.ThrowIfCancellationRequested();
            solver.Step(jump);
            right.Add(solver.Field.ToArray());
        }

        double bySolver = clock.Elapsed.TotalSeconds;
        clock.Restart();
        for (int k = 1; network is not null && k < right.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            guessed.Add(HeatMarch.Jump(network, guessed[^1], problem.Diffusion));
            progress?.Report(new WorkProgress("solving", (long)k * jump, settings.Steps));
        }

        double byNetwork = clock.Elapsed.TotalSeconds;
        int reached = (right.Count - 1) * jump;
        List<IReadOnlyList<object?>> times = [["the solver", (long)reached, bySolver]], errors = [];
        if (network is not null)
        {
            times.Add(["the network", (long)reached, byNetwork]);
            errors.AddRange(guessed.Zip(right).Skip(1).Select((pair, k) => (object?[])
            [
                (long)((k + 1) * jump), HeatFields.Difference(pair.First, pair.Second),
                pair.First.Zip(pair.Second, (own, other) => Math.Abs(own - other)).Max(),
            ]));
        }

        return new SolveAnswer(
            new MadeClip(Frames(right, network is null ? null : guessed), FrameRate),
            new Rows(["by", "steps", "seconds"], times),
            network is null ? null : new Rows(["step", "mean difference, K", "greatest difference, K"], errors));
    }

    private void Warn(HeatProblem problem, IProgress<WorkProgress>? progress)
    {
        if (network is null) return;
        double[] temperatures = [problem.Initial, problem.Bottom, problem.Right, problem.Top, problem.Left];
        if (temperatures.Any(value => value is < 0 or > HeatFields.Range) || problem.Diffusion > 1)
        {
            progress?.Report(new WorkProgress("solving", 0, 0)
            {
                Remark = $"the network learnt temperatures from 0 to {HeatFields.Range} K and lambda up to 1: what is beyond is a guess",
            });
        }
    }

    private static IEnumerable<Image> Frames(List<double[]> right, List<double[]>? guessed)
    {
        double least = right.Min(field => field.Min()), most = right.Max(field => field.Max());
        double apart = guessed?.Zip(right, (own, other) => own.Zip(other, (a, b) => Math.Abs(a - b)).Max()).Max() ?? 0;
        for (int k = 0; k < right.Count; k++)
        {
            if (guessed is null) yield return HeatPicture.Side(right[k], least, most);
            else
            {
                double[] difference = [.. guessed[k].Zip(right[k], (own, other) => own - other)];
                yield return HeatPicture.Beside(
                    HeatPicture.Side(right[k], least, most), HeatPicture.Side(guessed[k], least, most),
                    HeatPicture.Apart(difference, apart));
            }
        }
    }
}
