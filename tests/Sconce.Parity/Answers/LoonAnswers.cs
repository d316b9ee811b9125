using Sconce.Systems.Control.Loon;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Loon: the balloon's physics, the wind process, reward and station seeker, the network and its loss.</summary>
internal sealed class LoonAnswers : ParityAnswers
{
    internal override string System => "loon";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        switch (question.Model)
        {
            case "quantile_network":
                var network = new QuantileNetwork(new QuantileNetworkConfig(
                    config.Int("observations"), config.Int("num_actions"), config.Int("num_layers"), config.Int("hidden_units"),
                        config.Int("num_atoms")));
                return new ParityAnswer(network, inputs =>
                {
                    var logits = network.Call(inputs["x"]);
                    return new() { ["logits"] = logits, ["q"] = logits.Mean([-1]) };
                });
            case "quantile_huber_loss": return ParityAnswer.Of(inputs => Loss(config, inputs));
            case "station_keeping_reward": return ParityAnswer.Of(inputs => Reward(config, inputs));
            case "balloon_physics": return ParityAnswer.Of(inputs => Physics(config, inputs));
            case "station_seeker": return ParityAnswer.Of(Seek);
            case "wind_gp": return ParityAnswer.Of(inputs => Wind(config, inputs));
            default: return null;
        }
    }

    private static Dictionary<string, Tensor> Loss(Config config, ParityInputs inputs)
    {
        var discounts = (1 - inputs["terminal"].To(DType.Float32)) * config.Double("gamma_n");
        var target = QuantileLoss.Target(inputs["target_logits"], inputs["reward"], discounts);
        var each = QuantileLoss.PerExample(inputs["logits"], inputs["action"], target, config.Double("kappa", 1));
        return new() { ["target"] = target, ["per_sample"] = each, ["loss"] = each.Mean() };
    }

    private static Dictionary<string, Tensor> Reward(Config config, ParityInputs inputs)
    {
        var reward = new LoonReward(config.Double("radius_km", 50), config.Double("dropoff", 0.4), config.Double("halflife_km", 100));
        double[] x = Doubles(inputs["xkm"]), y = Doubles(inputs["ykm"]), watts = Doubles(inputs["watts"]), down = Doubles(inputs["down"]),
            excess = Doubles(inputs["excess"]);
        return new()
        {
            ["out"] = Tensor.From(x.Select((_, k) => reward.Of(double.Hypot(x[k], y[k]), down[k] != 0, excess[k] != 0, watts[k]))
            .ToArray())
        };
    }

    private static Dictionary<string, Tensor> Physics(Config config, ParityInputs inputs)
    {
        var design = new BalloonDesign
        {
            LiftGas = config.Double("mols_lift_gas", 6830),
            Volume = config.Double("envelope_volume_base", 1804),
            Stretch = config.Double("dv_pressure", 0.0199),
            EnvelopeMass = config.Double("envelope_mass", 68.5),
            PayloadMass = config.Double("payload_mass", 92.5),
            Drag = config.Double("drag", 0.25),
            ValveDiameter = config.Double("valve_diameter", 0.04),
        };
        double[] alpha = Doubles(inputs["alpha"]), pressures = Doubles(inputs["pressure"]), gas = Doubles(inputs["tgas"]),
            air = Doubles(inputs["mols_air"]);
        double[] elevation = Doubles(inputs["el"]), flux = Doubles(inputs["flux"]), infrared = Doubles(inputs["ir"]);
        var outputs = new Dictionary<string, List<double>>();
        for (int k = 0; k < pressures.Length; k++)
        {
            var atmosphere = new Atmosphere(alpha[k]);
            double pressure = pressures[k];
            var (height, ambient) = atmosphere.AtPressure(pressure);
            var (volume, superpressure) = Envelope.Fill(design, air[k], gas[k], pressure);
            double attenuation = Sun.Attenuation(elevation[k], pressure), ratio = (pressure + superpressure) / pressure,
                power = AirPump.Power(ratio), efficiency = AirPump.Efficiency(ratio, power);
            (string Name, double Value)[] row =
            [
                ("height_km", height / 1000), ("temperature", ambient), ("density", Atmosphere.Density(pressure, ambient)),
                    ("volume", volume), ("superpressure", superpressure),
                ("dTdt", Envelope.Heating(volume, design.EnvelopeMass, gas[k], ambient, pressure, flux[k] * attenuation, infrared[k])),
                    ("attenuation", attenuation),
                ("solar_power", Sun.Power(elevation[k], pressure)), ("acs_power", power), ("acs_efficiency", efficiency),
                    ("acs_flow_gps", 1000 * AirPump.Flow(power, efficiency)),
                ("vent_flow_gps", 1000 * AirPump.Vent(design, superpressure, pressure, gas[k])),
                    ("dpdt", Balloon.PressureRate(design, atmosphere, pressure, ambient, air[k], volume)),
                ("power_table", AirPump.PowerToUse(ratio, 0.1 + (0.8 * (elevation[k] + 90) / 180))),
            ];
            foreach (var (name, value) in row)
            {
                if (!outputs.TryGetValue(name, out var column)) outputs[name] = column = [];
                column.Add(value);
            }
        }

        return outputs.ToDictionary(entry => entry.Key, entry => Tensor.From(entry.Value.ToArray()));
    }

    private static Dictionary<string, Tensor> Seek(ParityInputs inputs)
    {
        long columns = inputs["unc"].Size(0), places = inputs["unc"].Size(1);
        var winds = Tensor.Stack([inputs["unc"], inputs["bear"], inputs["mag"]], -1).Reshape([-1]).ToArray<float>();
        double[] distance = Doubles(inputs["dist"]), valid = Doubles(inputs["valid"]);
        List<double> scores = [], levels = [], actions = [];
        for (int column = 0; column < columns; column++)
        {
            int first = column * (int)places;
            var own = StationSeeker.Scores(winds.AsSpan(3 * first, 3 * (int)places), distance[column], place => valid[first + place] > 0);
            actions.Add((double)StationSeeker.Toward(own, out int best));
            scores.AddRange(own);
            levels.Add(best);
        }

        return new()
        {
            ["score"] = Tensor.From(scores.ToArray(), [columns, places]),
            ["level"] = Tensor.From(levels.ToArray()),
            ["action"] = Tensor.From(actions.ToArray())
        };
    }

    private static Dictionary<string, Tensor> Wind(Config config, ParityInputs inputs)
    {
        double[] queries = Doubles(inputs["query"]);
        var errors = new WindVector[queries.Length / 4];
        var uncertainties = new double[errors.Length];
        WindProcess.Solve(Doubles(inputs["loc"]), Doubles(inputs["err"]), queries, errors, uncertainties, config.Double("sigma2", 12.96),
            config.Double("noise2", 0.05));
        return new()
        {
            ["mean"] = Tensor.From(errors.SelectMany(error => (double[])[error.East, error.North]).ToArray(), [errors.Length, 2]),
            ["uncertainty"] = Tensor.From(uncertainties),
        };
    }

    private static double[] Doubles(Tensor values) => values.To(DType.Float64).Reshape([-1]).ToArray<double>();
}
