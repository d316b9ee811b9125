using Sconce.Tables;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>Pendulums that were watched: of each a run of states, all at one interval.</summary>
/// <param name="Runs">Angles in radians and speeds in radians a second, one after the other.</param>
/// <param name="Interval">Seconds between two states.</param>
internal sealed record StateTrajectories(IReadOnlyList<float[]> Runs, double Interval)
{
    internal const string Trajectory = "trajectory", Time = "time", Angle = "angle", Speed = "speed";

    private const double Uneven = 1e-3; // of the interval

    /// <summary>Reads a table of columns trajectory (where there are several), time, angle, speed.</summary>
    /// <exception cref="TableException">A column is missing, a number is blank, or times are not at one interval.</exception>
    internal static StateTrajectories Read(string path, CancellationToken cancellation)
    {
        var table = Table.Read(path, new TableOptions { TextColumns = [Trajectory] }, cancellation);
        TableColumn times = Numbers(table, Time), angles = Numbers(table, Angle), speeds = Numbers(table, Speed);
        var names = table.Has(Trajectory) ? table[Trajectory] : null;
        int[][] groups = [.. Enumerable.Range(0, table.Rows).GroupBy(row => names?.Text(row)).Select(group => group.ToArray())];
        double? interval = null;
        var runs = new List<float[]>();
        foreach (int[] rows in groups)
        {
            for (int k = 1; k < rows.Length; k++)
            {
                double step = times.Numbers[rows[k]] - times.Numbers[rows[k - 1]];
                interval ??= step;
                if (step > 0 && Math.Abs(step - interval.Value) <= Uneven * interval.Value) continue;
                throw new TableException(
                    path,
                    $"row {rows[k] + 1}: {step} seconds after the row before, where others are {interval} apart: " +
                        "states are wanted at one interval, in order");
            }

            runs.Add([.. rows.SelectMany(row => (float[])[(float)angles.Numbers[row], (float)speeds.Numbers[row]])]);
        }

        if (interval is not { } every) throw new TableException(path, "every trajectory has one state only: nothing moves");
        return new StateTrajectories(runs, every);
    }

    /// <summary>The states that forecasts begin with: a row each of columns angle and speed.</summary>
    /// <exception cref="TableException">A column is missing or a number is blank.</exception>
    internal static (string?[] Names, Tensor States) ReadStarts(Table table)
    {
        TableColumn angles = Numbers(table, Angle), speeds = Numbers(table, Speed);
        var names = table.Has(Trajectory) ? table[Trajectory] : null;
        var states = new float[2 * table.Rows];
        for (int row = 0; row < table.Rows; row++)
        {
            (states[2 * row], states[(2 * row) + 1]) = ((float)angles.Numbers[row], (float)speeds.Numbers[row]);
        }

        return ([.. Enumerable.Range(0, table.Rows).Select(row => names?.Text(row))], Tensor.From(states, [table.Rows, 2]));
    }

    /// <summary>Every stretch of so many states. <c>-> (stretches, 2, length)</c></summary>
    internal static Tensor Windows(IReadOnlyList<float[]> runs, int length)
    {
        using var scope = new TensorScope();
        var longEnough = runs.Where(run => run.Length >= 2 * length);
        return scope.Keep(Tensor.Cat([.. longEnough.Select(run => PendulumTrajectories.Windows(OfRun(run), length))]));
    }

    /// <summary>One run as a batch of one. <c>-> (1, 2, states)</c></summary>
    internal static Tensor OfRun(float[] run)
    {
        using var scope = new TensorScope();
        return scope.Keep(Tensor.From(run, [1, run.Length / 2, 2]).Transpose(1, 2));
    }

    private static TableColumn Numbers(Table table, string name)
    {
        var column = table[name];
        for (int row = 0; row < table.Rows; row++)
        {
            if (!column.IsNumber || column.IsBlank(row))
            {
                throw new TableException(table.Name, $"the column '{name}' has no number in row {row + 1}");
            }
        }

        return column;
    }
}
