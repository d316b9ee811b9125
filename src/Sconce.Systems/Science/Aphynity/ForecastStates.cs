using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Maths;
using Sconce.Tables;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>How far is forecast.</summary>
[Settings]
public sealed partial record ForecastSettings
{
    /// <summary>States after each start.</summary>
    [Within(1, 10_000_000)]
    public int Steps { get; init; } = 40;

    /// <summary>Seconds between two states; else those of the data that it learnt from.</summary>
    [Within(0, 1e9, Above = true)]
    [LeftOpen]
    public double? Interval { get; init; }
}

/// <summary>Forecasts pendulums from states that are given.</summary>
public sealed class ForecastStates : Ability<TableFile, Rows, ForecastSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Forecast;

    /// <inheritdoc/>
    public override string Purpose =>
        "tables of states in (columns angle and speed, a row a pendulum); out, a row for each state that follows, with its time";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("start.csv --steps 200 --csv path.csv", "200 states after each row")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<PendulumForecaster>();

    /// <inheritdoc/>
    public override Session<TableFile, Rows, ForecastSettings> Open(OpenRequest request) => new ForecastSession(request);
}

/// <summary>A forecaster, loaded.</summary>
public sealed class ForecastSession : Session<TableFile, Rows, ForecastSettings>
{
    private readonly Forecaster network;
    private readonly double interval;

    /// <summary>Loads it.</summary>
    public ForecastSession(OpenRequest request)
    {
        network = request.Network<Forecaster>();
        var run = (request as CatalogueRequest)?.Run?.Configuration?.Settings as AphynitySettings;
        interval = run?.Interval ?? PendulumTrajectories.Interval;
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<Rows> Answer(
        IReadOnlyList<TableFile> inputs, ForecastSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var options = new TableOptions { TextColumns = [StateTrajectories.Trajectory] };
        return [.. inputs.Select(input => Forecast(input.Read(options, cancellation), settings))];
    }

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private Rows Forecast(Table table, ForecastSettings settings)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var (names, starts) = StateTrajectories.ReadStarts(table);
        double[] times = PendulumTrajectories.Times(settings.Steps + 1, settings.Interval ?? interval);
        var solver = new ThreeEighthsSolver(interval); // no step is longer than those it learnt with
        float[] states = network.Forecast(starts, times, solver).Transpose(1, 2).Contiguous().ToArray<float>();
        var items = new List<IReadOnlyList<object?>>(table.Rows * times.Length);
        for (int row = 0; row < table.Rows; row++)
        {
            for (int k = 0; k < times.Length; k++)
            {
                int at = 2 * ((row * times.Length) + k);
                items.Add([names[row] ?? $"{row + 1}", times[k], (double)states[at], (double)states[at + 1]]);
            }
        }

        return new Rows([StateTrajectories.Trajectory, StateTrajectories.Time, StateTrajectories.Angle, StateTrajectories.Speed], items);
    }
}
