namespace Sconce.Systems.Control.Loon;

/// <summary>
/// The controller that flew before the learnt one: it goes toward the height with the best score; agents/station_seeker_agent.py.
/// </summary>
public static class StationSeeker
{
    private const double HalfRadius = 35, SpeedWeight = 0.07, CloseWeight = 0.6, FarWeight = 0.45, Close = 250, Far = 500;
    private const double Unknown = 0.5, Hysteresis = 0.05, HysteresisRate = 0.001, Confidence = 0.01;

    /// <summary>The score of a place in the column; the higher the better.</summary>
    /// <param name="uncertainty">Of its wind, in [0, 1].</param>
    /// <param name="bearing">Its bearing error over π.</param>
    /// <param name="speed">Its speed / (speed + 30 m/s).</param>
    /// <param name="distance">To the station, d / (d + 250 km).</param>
    /// <param name="steps">Places away from the balloon's own.</param>
    public static double Score(double uncertainty, double bearing, double speed, double distance, int steps)
    {
        double kilometres = distance * 250 / (1 - distance), near = Math.Exp(-kilometres / HalfRadius);
        double weight = CloseWeight + (Math.Clamp((kilometres - Close) / (Far - Close), 0, 1) * (FarWeight - CloseWeight));
        double wind = ((1 - near) * Math.Exp(-weight * bearing * Math.PI)) + (near * Math.Exp(-SpeedWeight * speed * 30 / (1 - speed)));
        return ((1 - uncertainty + Confidence) * wind) + (uncertainty * Unknown) + (Hysteresis * Math.Exp(-HysteresisRate * steps));
    }

    /// <summary>Scores a whole column; places that cannot be reached score 0.</summary>
    /// <param name="winds">(uncertainty, bearing, speed) of each place.</param>
    /// <param name="distance">To the station, d / (d + 250 km).</param>
    /// <param name="reachable">Whether a place can be reached; where left out, those that are not (0, 1, 1).</param>
    public static double[] Scores(ReadOnlySpan<float> winds, double distance, Func<int, bool>? reachable = null)
    {
        var scores = new double[winds.Length / 3];
        for (int place = 0; place < scores.Length; place++)
        {
            float uncertainty = winds[3 * place], bearing = winds[(3 * place) + 1], speed = winds[(3 * place) + 2];
            bool can = reachable?.Invoke(place) ?? (uncertainty, bearing, speed) != (0, 1, 1);
            if (can) scores[place] = Score(uncertainty, bearing, speed, distance, Math.Abs(place - (scores.Length / 2)));
        }

        return scores;
    }

    /// <summary>The command toward the best place of a column; of equals the first.</summary>
    public static BalloonCommand Toward(ReadOnlySpan<double> scores, out int best)
    {
        best = 0;
        for (int place = 1; place < scores.Length; place++)
        {
            if (scores[place] > scores[best]) best = place;
        }

        int middle = scores.Length / 2;
        if (!(scores[best] > 0)) best = middle;
        return best < middle ? BalloonCommand.Up : best > middle ? BalloonCommand.Down : BalloonCommand.Stay;
    }

    /// <summary>The command for an agent's features.</summary>
    public static BalloonCommand Act(ReadOnlySpan<float> features) => Toward(Scores(features[LoonFeatures.Ambient..], features[7]), out _);
}
