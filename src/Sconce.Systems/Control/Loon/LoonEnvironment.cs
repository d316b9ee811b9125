using Sconce.Control;

namespace Sconce.Systems.Control.Loon;

/// <summary>
/// A balloon that is to stay near its station for two days of 3-minute steps; env/{balloon_env,balloon_arena}.py, with winds made of waves.
/// Observations are the
/// 1,099 features; action 0 is down, 1 stay, 2 up.
/// </summary>
public sealed class LoonEnvironment : IEnvironment
{
    /// <summary>Steps of an episode: two days.</summary>
    public const int EpisodeSteps = 960;

    private readonly Func<int, (IWind Forecast, IWind Truth)> winds;
    private readonly LoonReward reward;
    private IWind truth = null!;
    private Balloon balloon = null!;
    private LoonFeatures features = null!;
    private int steps, within;

    /// <summary>Makes one and begins the episode of seed 0.</summary>
    /// <param name="winds">Forecast and truth of a seed; where left out, waves and their noise.</param>
    /// <param name="reward">The official one where left out.</param>
    public LoonEnvironment(Func<int, (IWind Forecast, IWind Truth)>? winds = null, LoonReward? reward = null)
    {
        this.winds = winds ?? Waves;
        this.reward = reward ?? new LoonReward();
        Reset(0);
    }

    /// <inheritdoc/>
    public int Observations => LoonFeatures.Count;

    /// <inheritdoc/>
    public int Actions => 3;

    /// <summary>The balloon of this episode.</summary>
    public Balloon Balloon => balloon;

    /// <summary>Steps of this episode that were within the radius, over all its steps: TWR50.</summary>
    public double TimeWithinRadius => steps == 0 ? double.NaN : (double)within / steps;

    /// <inheritdoc/>
    public void Reset(int seed)
    {
        var random = new Random(seed);
        var (forecast, real) = winds(seed);
        truth = real;
        var atmosphere = new Atmosphere(random.NextDouble());
        balloon = new Balloon(new BalloonDesign(), atmosphere, Launch(random, atmosphere));
        features = new LoonFeatures(forecast);
        (steps, within) = (0, 0);
        features.Observe(balloon, WindNow());
    }

    /// <inheritdoc/>
    public void Observe(Span<float> into) => features.Write(balloon, into);

    /// <inheritdoc/>
    public StepResult Step(int action)
    {
        if (action is < 0 or > 2) throw new ArgumentOutOfRangeException(nameof(action), action, "0 is down, 1 stay, 2 up");
        balloon.Step((BalloonCommand)action, WindNow());
        steps++;
        if (balloon.Distance <= reward.Radius * 1000) within++;
        bool ends = balloon.Status != BalloonStatus.Flying;
        if (!ends) features.Observe(balloon, WindNow());
        return new StepResult(ends ? 0 : reward.Of(balloon), ends, ends || steps >= EpisodeSteps);
    }

    private static (IWind Forecast, IWind Truth) Waves(int seed)
    {
        var forecast = new WaveForecast(seed);
        return (forecast, new WindSum(forecast, new WindNoise(seed + 1_000_003)));
    }

    /// <summary>Within 200 km, anywhere near the equator, at any time of four years; env/balloon_arena.py, utils/sampling.py.</summary>
    private static BalloonLaunch Launch(Random random, Atmosphere atmosphere)
    {
        double radius = 200e3 * Beta(random), angle = 2 * Math.PI * random.NextDouble(),
            most = atmosphere.PressureAt(SafetyLayers.LeastHeight);
        var begin = new DateTime(2011, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        double span = (new DateTime(2014, 12, 31, 0, 0, 0, DateTimeKind.Utc) - begin).TotalSeconds, infrared;
        do
        {
            // The official LogitNormal(2, 315): almost always near 0 or 315, and what is below 100 is drawn again.
            double logit = 2 + (315 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            infrared = 315 / (1 + Math.Exp(-logit));
        }
        while (infrared < 100);
        return new BalloonLaunch(
            radius * Math.Cos(angle), radius * Math.Sin(angle), 6500 + ((most - 6500) * random.NextDouble()),
                (20 * random.NextDouble()) - 10, (350 * random.NextDouble()) - 175,
            begin.AddSeconds(Math.Floor(span * random.NextDouble())), infrared);
    }

    /// <summary>Beta(1.2, 2) by rejection; its density is greatest at 1/6.</summary>
    private static double Beta(Random random)
    {
        double Density(double x) => Math.Pow(x, 0.2) * (1 - x);
        while (true)
        {
            double x = random.NextDouble();
            if (random.NextDouble() * Density(1.0 / 6) <= Density(x)) return x;
        }
    }

    private WindVector WindNow() => truth.At(balloon.X, balloon.Y, balloon.Pressure, balloon.Seconds);
}
