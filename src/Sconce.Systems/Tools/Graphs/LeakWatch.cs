using System.Globalization;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// Says when a figure is nearly perfect after the first epoch already: mostly, what is asked about then stands among what was learnt from.
/// </summary>
/// <param name="stepsPerEpoch">After more steps a good figure is a good figure.</param>
/// <param name="remark">Told once.</param>
internal sealed class LeakWatch(int stepsPerEpoch, Action<string>? remark)
{
    private const double Perfect = 0.99;
    private long steps;

    /// <summary>Steps that are done.</summary>
    public void Stepped(long step) => steps = step;

    /// <summary>Looks at a figure that is 1 at best.</summary>
    public void Look(string name, double value)
    {
        if (steps < 1 || steps > stepsPerEpoch || !(value >= Perfect)) return;
        string said = value.ToString("0.000", CultureInfo.InvariantCulture);
        remark?.Invoke($"{name} is {said} after one epoch, which is too good for most data: look whether a column gives the answer away, "
            + "or one thing stands there under two names");
        steps = long.MaxValue; // once
    }
}
