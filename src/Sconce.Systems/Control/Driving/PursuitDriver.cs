namespace Sconce.Systems.Control.Driving;

/// <summary>The expert: it steers at the point of the road some metres ahead (pure pursuit).</summary>
public static class PursuitDriver
{
    private const double Ahead = 6, Reach = 6.5, Wheelbase = 2.5, MostSteering = 0.5;

    /// <summary>The steering, in [-1, 1].</summary>
    /// <param name="y">Where the car is, across.</param>
    /// <param name="heading">In radians.</param>
    /// <param name="centreAhead">The road's centre line 6 m further along the first axis.</param>
    public static double Steer(double y, double heading, double centreAhead)
    {
        double angle = Math.Atan2(centreAhead - y, Ahead) - heading;
        return Math.Clamp(Math.Atan(2 * Wheelbase * Math.Sin(angle) / Reach) / MostSteering, -1, 1);
    }
}
