using Sconce.Claims;
using Sconce.Systems.Control.Loon;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Loon;

[Collection(LiveTensors.Name)]
public class LoonTests
{
    private static readonly DateTime Noon = new(2012, 6, 1, 12, 0, 0, DateTimeKind.Utc);

    private static Balloon Afloat(double pressure = 9000, double hours = 0, double x = 0) =>
        new(new BalloonDesign(), new Atmosphere(0.5), new BalloonLaunch(x, 0, pressure, 0, 0, Noon.AddHours(hours)));

    [Fact]
    public void The_network_has_the_official_keys_and_sizes()
    {
        using var network = new QuantileNetwork(new QuantileNetworkConfig());
        Assert.Equal(2_915_553, network.Parameters().Sum(parameter => parameter.Elements));
        Assert.Equal([.. Enumerable.Range(0, 8).SelectMany(k => (string[])[$"dense.{k}.weight", $"dense.{k}.bias"])],
            network.StateDict().Select(entry => entry.Name));
        double bound = Math.Sqrt(Math.Sqrt(3) / 1099);
        using var scope = new TensorScope();
        Assert.InRange(network.Dense[0].Weight.Abs().Max().Item<double>(), 0.99 * bound, bound);
    }

    [Fact]
    public void Pressure_and_height_are_each_others_inverse_and_the_atmosphere_has_an_end()
    {
        foreach (double alpha in (double[])[0, 0.3, 1])
        {
            var atmosphere = new Atmosphere(alpha);
            foreach (double height in (double[])[0, 16_500, 18_000, 30_000, 48_000])
            {
                Assert.Equal(height, atmosphere.AtPressure(atmosphere.PressureAt(height)).Height, 1e-6 * 48_000);
            }
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new Atmosphere(0).AtPressure(200_000));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Atmosphere(0).AtPressure(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Atmosphere(0).AtPressure(double.NaN));
    }

    [Theory]
    [InlineData(0, 0, 12, 89, 91)]      // the equator at an equinox at noon
    [InlineData(0, 0, 0, -91, -89)]
    [InlineData(0, 90, 6, 89, 91)]      // noon six hours earlier in the east
    [InlineData(40, 0, 12, 49, 51)]
    public void The_sun_stands_where_it_should(double latitude, double longitude, double hour, double least, double most) =>
        Assert.InRange(Sun.At(latitude, longitude, new DateTime(2013, 3, 20, 0, 7, 0, DateTimeKind.Utc).AddHours(hour)).Elevation, least,
            most);

    [Fact]
    public void A_balloon_left_alone_floats_and_drifts_with_the_wind()
    {
        var balloon = Afloat();
        for (int step = 0; step < 40; step++) balloon.Step(BalloonCommand.Stay, new WindVector(10, -5));
        Assert.Equal(40 * 1800, balloon.X, 1e-6);
        Assert.Equal(-40 * 900, balloon.Y, 1e-6);
        Assert.InRange(balloon.Pressure, 8500, 9500);
        Assert.Equal(BalloonStatus.Flying, balloon.Status);
    }

    [Fact]
    public void Air_let_out_lifts_it_air_pumped_in_sinks_it_and_costs_power()
    {
        Balloon up = Afloat(), down = Afloat(), stay = Afloat();
        for (int step = 0; step < 20; step++)
        {
            up.Step(BalloonCommand.Up, default);
            down.Step(BalloonCommand.Down, default);
            stay.Step(BalloonCommand.Stay, default);
        }

        Assert.True(up.Pressure < stay.Pressure - 50 && down.Pressure > stay.Pressure + 50,
            $"{up.Pressure} {stay.Pressure} {down.Pressure}");
        Assert.True(down.PumpPower >= 100 && up.PumpPower == 0);
        Assert.True(up.Air < stay.Air && stay.Air < down.Air);
    }

    [Fact]
    public void By_night_the_battery_is_kept_for_the_morning_and_no_command_brings_it_below_its_least_height()
    {
        var night = Afloat(hours: 7);
        double least = double.PositiveInfinity;
        for (int step = 0; step < 300; step++)
        {
            night.Step(BalloonCommand.Down, default);
            least = Math.Min(least, night.Height);
            Assert.Equal(BalloonStatus.Flying, night.Status);
        }

        Assert.True(least > 15_000, $"{least}"); // 50,000 ft are 15,240 m
        Assert.True(night.ChargeShare > 0.01);
    }

    [Fact]
    public void The_features_have_the_balloon_in_the_middle_of_the_column_and_unreachable_levels_marked()
    {
        var environment = new LoonEnvironment();
        var seen = new float[LoonFeatures.Count];
        for (int step = 0; step < 5; step++) Assert.False(environment.Step(1).Stops);
        environment.Observe(seen);
        Assert.Equal(1099, environment.Observations);
        Assert.All(seen, value => Assert.True(float.IsFinite(value)));
        Assert.All(seen[16..], value => Assert.InRange(value, 0, 1));
        Assert.Equal([0, 1, 1], seen[16..19]);
        Assert.Equal([0, 1, 0], seen[8..11]); // stay
        Assert.Equal(1, seen[11] + seen[12]);
        int middle = 16 + (3 * 180);
        Assert.InRange(seen[middle], 0, 0.2f); // the wind was just measured, at most 25 Pa from here
        Assert.NotEqual((0, 1, 1), (seen[middle], seen[middle + 1], seen[middle + 2]));
    }

    [Fact]
    public void A_seed_repeats_an_episode_and_another_gives_another()
    {
        static float[] Played(int seed)
        {
            var environment = new LoonEnvironment();
            environment.Reset(seed);
            for (int step = 0; step < 30; step++) environment.Step(step % 3);
            var seen = new float[LoonFeatures.Count];
            environment.Observe(seen);
            return seen;
        }

        Assert.Equal(Played(5), Played(5));
        Assert.NotEqual(Played(5), Played(6));
    }

    [Fact]
    public void Far_from_all_measurements_the_forecast_stands_and_uncertainty_is_whole()
    {
        var process = new WindProcess();
        process.Observe(0, 0, 9000, 0, new WindVector(3, -2));
        var errors = new WindVector[3];
        var uncertainties = new double[3];
        process.Predict(0, 0, [9000, 9163, 14000], 0, errors, uncertainties);
        Assert.Equal(3, errors[0].East, 0.05);
        Assert.True(errors[0].Speed > errors[1].Speed && errors[1].Speed > errors[2].Speed);
        Assert.InRange(uncertainties[0], 0, 0.01);
        Assert.InRange(uncertainties[2], 0.99, 1);
        process.Observe(0, 0, 9000, 6 * 3600, default);
        Assert.Equal(1, process.Count); // the first is forgotten
    }

    [Fact]
    public void The_noise_has_about_the_official_variance()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(seed => new WindNoise(seed).At(1000, 2000, 9000, 3600).East)];
        Assert.InRange(values.Average(value => value * value), 0.8, 1.25);
    }

    [Fact]
    public void One_quantile_and_a_wide_kappa_make_half_the_squared_error()
    {
        using var scope = new TensorScope();
        var own = Tensor.From(new float[] { 1, 5 }, [1, 2, 1]);
        Assert.Equal(0.5 * 0.5 * 4, QuantileLoss.Compute(own, Tensor.From(new long[] { 0 }), Tensor.From(new float[] { 3 }, [1, 1]), 100)
            .Item<double>(), 1e-6);
        var target = QuantileLoss.Target(own, Tensor.From(new float[] { 2 }), Tensor.From(new float[] { 0.5f }));
        Assert.Equal(4.5, target.Item<double>(), 1e-6);
    }

    [Fact]
    public void The_rule_can_fail_and_a_quick_run_leaves_nothing_behind()
    {
        static Verdict Judged(double learnt, double reward) => LoonClaim.Judge(
            new Dictionary<string, List<double>>
            {
                ["QR-DQN"] = [learnt, learnt],
                ["StationSeeker"] = [0.41, 0.41],
                ["random"] = [0.12, 0.13]
            },
            new Dictionary<string, List<double>>
            {
                ["QR-DQN"] = [reward, reward],
                ["StationSeeker"] = [0.53, 0.52],
                ["random"] = [0.24, 0.25]
            }).Verdict;
        Assert.Equal(Verdict.Holds, Judged(0.39, 0.53));
        Assert.Equal(Verdict.DoesNotHold, Judged(0.2, 0.53));
        Assert.Equal(Verdict.DoesNotHold, Judged(0.39, 0.4));
        var claim = new LoonClaim();
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        long live = LiveTensors.Count;
        claim.Run(new ClaimOptions(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal(live, LiveTensors.Count);
    }
}
