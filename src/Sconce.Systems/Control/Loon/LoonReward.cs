namespace Sconce.Systems.Control.Loon;

/// <summary>The reward of a step; env/balloon_env.py <c>perciatelli_reward_function</c>.</summary>
/// <param name="Radius">Within it the reward is 1, in km.</param>
/// <param name="DropOff">The reward just outside.</param>
/// <param name="HalfLife">Kilometres in which it halves from there.</param>
public sealed record LoonReward(double Radius = 50, double DropOff = 0.4, double HalfLife = 100)
{
    /// <summary>Of a state.</summary>
    /// <param name="kilometres">To the station.</param>
    /// <param name="down">Whether the last command was to descend.</param>
    /// <param name="excess">Whether there is energy to spare.</param>
    /// <param name="watts">Of the pump.</param>
    public double Of(double kilometres, bool down, bool excess, double watts)
    {
        double reward = kilometres <= Radius ? 1 : DropOff * Math.Pow(2, -(kilometres - Radius) / HalfLife);
        return down && !excess ? reward * (0.95 - (0.3 * Math.Clamp((watts - 100) / 200, 0, 1))) : reward;
    }

    /// <summary>Of a balloon.</summary>
    public double Of(Balloon balloon)
    {
        ArgumentNullException.ThrowIfNull(balloon);
        return Of(balloon.Distance / 1000, balloon.LastCommand == BalloonCommand.Down, balloon.HasExcessEnergy, balloon.PumpPower);
    }
}
