using Sconce.Tables;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>From where a head is seen at a moment, in degrees; null for an angle that stays the clip's own.</summary>
internal readonly record struct HeadView(double? Yaw, double? Pitch, double? Roll)
{
    /// <summary>Whether any angle is set.</summary>
    internal bool IsSet => Yaw is not null || Pitch is not null || Roll is not null;

    /// <summary>The largest angle that is set, whichever way; 0 where none is.</summary>
    internal double Widest => new[] { Yaw, Pitch, Roll }.Max(degrees => Math.Abs(degrees ?? 0));
}

/// <summary>
/// Views over time: a table of <c>seconds</c> and any of <c>yaw</c>, <c>pitch</c>, <c>roll</c>. Between two rows the head turns evenly,
/// before the first and after the last it stays.
/// </summary>
internal sealed class ViewKeys
{
    private const double Most = 90;
    private readonly double[] seconds;
    private readonly double[]?[] angles;

    private ViewKeys(double[] seconds, double[]?[] angles) => (this.seconds, this.angles) = (seconds, angles);

    /// <summary>The largest angle of all.</summary>
    internal double Widest => angles.Max(own => own?.Max(Math.Abs) ?? 0);

    /// <summary>Reads them.</summary>
    /// <exception cref="TableException">A column or a number is missing, times do not ascend, or an angle is beyond 90.</exception>
    internal static ViewKeys Read(string path)
    {
        var table = Table.Read(path);
        double[] times = Numbers(table, "seconds");
        for (int k = 1; k < times.Length; k++)
        {
            if (!(times[k] > times[k - 1]))
                throw new TableException(path, $"row {k + 1}: {times[k]} seconds after {times[k - 1]}: times ascend");
        }

        double[]?[] angles = [.. ((string[])["yaw", "pitch", "roll"]).Select(name => table.Has(name) ? Numbers(table, name) : null)];
        if (angles.All(own => own is null)) throw new TableException(path, "it has none of the columns yaw, pitch and roll, in degrees");
        if (angles.Any(own => own?.Any(degrees => Math.Abs(degrees) > Most) == true))
            throw new TableException(path, $"angles go from -{Most:0} to {Most:0} degrees");
        return new ViewKeys(times, angles);
    }

    /// <summary>The view at a moment.</summary>
    internal HeadView At(double moment)
    {
        int after = Array.FindIndex(seconds, time => time > moment);
        double?[] now = [.. angles.Select(own => own is null ? (double?)null : Between(own))];
        return new HeadView(now[0], now[1], now[2]);

        double Between(double[] own)
        {
            if (after < 1) return after == 0 ? own[0] : own[^1];
            double share = (moment - seconds[after - 1]) / (seconds[after] - seconds[after - 1]);
            return own[after - 1] + ((own[after] - own[after - 1]) * share);
        }
    }

    private static double[] Numbers(Table table, string name)
    {
        var column = table[name];
        for (int row = 0; row < table.Rows; row++)
        {
            if (!column.IsNumber || column.IsBlank(row))
                throw new TableException(table.Name, $"the column '{name}' has no number in row {row + 1}");
        }

        return [.. column.Numbers];
    }
}
