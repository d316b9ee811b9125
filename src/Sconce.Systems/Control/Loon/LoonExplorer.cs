using Sconce.Weights;

namespace Sconce.Systems.Control.Loon;

/// <summary>
/// In a share of the episodes the pilot is relieved for 2 hours after each 4 by a random walk of the pressure that is gone to;
/// agents/{marco_polo_exploration,random_walk_agent}.py.
/// </summary>
internal sealed class LoonExplorer
{
    private const int PilotSteps = 80, WalkSteps = 40; // of 3 minutes
    private const double Hysteresis = 100, PerSecond = 0.1666, Lowest = 6500, Highest = 14000;
    private bool explores;
    private long step;
    private double target;

    /// <summary>Begins an episode.</summary>
    public void Begin(Random random, double share)
    {
        explores = random.NextDouble() < share;
        step = 0;
        target = Lowest + ((Highest - Lowest) * random.NextDouble());
    }

    /// <summary>The pilot's action, or the walk's.</summary>
    public int Act(Balloon balloon, int best, Random random)
    {
        step++;
        // The walk goes on while the pilot flies. The official code's deviation grows with the time since launch; so does this.
        double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        bool walks = explores && (step - 1) % (PilotSteps + WalkSteps) >= PilotSteps;
        if (!walks) return best;
        target += step * Balloon.StepSeconds * PerSecond * normal;
        if (balloon.Pressure - Hysteresis > target) return (int)BalloonCommand.Up;
        return (int)(balloon.Pressure + Hysteresis < target ? BalloonCommand.Down : BalloonCommand.Stay);
    }

    /// <summary>Adds what it keeps to a world's state.</summary>
    public void Save(SavedState state) => state.Set("explores", explores).Set("step", step).Set("target", target);

    /// <summary>Takes it over.</summary>
    public void Load(SavedState state) => (explores, step, target) = (state.Flag("explores"), state.Count("step"), state.Number("target"));
}
