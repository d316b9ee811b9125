using Sconce.Abilities;
using Sconce.Data;
using Sconce.Maths;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>A network that forecasts states of a pendulum: an angle and its speed.</summary>
public sealed record PendulumForecaster : Capability;

/// <summary>A law that is known in part, and a network's correction, learn trajectories.</summary>
public sealed class AphynityMethod : TrainingMethod
{
    internal const string Error = "error", Held = "simulated pendulums";

    /// <inheritdoc/>
    public override string Name => "aphynity";

    /// <inheritdoc/>
    public override string Purpose =>
        "a pendulum's law and a network's correction learn watched trajectories; without data, simulated pendulums with friction";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<AphynitySettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("aphynity_pendulum --data swings.csv --out run11", "columns trajectory, time, angle, speed"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<PendulumForecaster>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Forecast;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => AphynityRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var forecaster = network.Variant.CreateTrained<Forecaster>(network.Weights, ModelOptions.Official);
        bool isOwn = network.IsOwn(data) || data is null;
        var (runs, interval) = isOwn && network.Configuration is { } configuration
            ? (AphynityRun.Divided(configuration, cancellation).HeldOut, configuration.Of<AphynitySettings>().Interval!.Value)
            : OfTable(data, cancellation);
        return new EvaluationReport(data ?? network.Configuration?.Run.Data ?? Held, runs.Count, Figures(forecaster, runs, interval))
        {
            Items = "trajectories",
            Columns = ["value"],
            Rows = [.. (forecaster.Law?.Coefficients ?? []).Select(one => (one.Name, (IReadOnlyList<double>)[one.Value.Item<double>()]))],
        };
    }

    /// <summary>The mean squared error of roll-outs from each first state.</summary>
    internal static FigureSet Figures(Forecaster forecaster, IReadOnlyList<float[]> runs, double interval)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        double sum = 0;
        foreach (float[] run in runs)
        {
            using var one = new TensorScope();
            var states = StateTrajectories.OfRun(run);
            double[] times = PendulumTrajectories.Times(run.Length / 2, interval);
            var forecast = forecaster.Forecast(states.Select(2, 0), times, new ThreeEighthsSolver());
            sum += AphynityLoss.Trajectories(forecast, states).Item<double>();
        }

        var figures = new FigureSet();
        figures.Add(Error, sum / runs.Count, FigureDirection.LowerIsBetter);
        return figures;
    }

    private static (IReadOnlyList<float[]> Runs, double Interval) OfTable(string? data, CancellationToken cancellation)
    {
        string path = data ?? throw new SettingsException("data", called => $"which trajectories? Name a table with {called}");
        var read = StateTrajectories.Read(path, cancellation);
        return ([.. read.Runs.Where(run => run.Length > 2)], read.Interval);
    }
}
