using System.Globalization;
using System.Text.RegularExpressions;
using Sconce.Maths;
using Sconce.Nn;
using Sconce.Systems.Science.Aphynity;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>APHYNITY: the three forecasters, the solvers, the true trajectories, the loss.</summary>
internal sealed partial class AphynityAnswers : ParityAnswers
{
    internal override string System => "aphynity";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "pendulum_forecaster" or "rd_forecaster" or "wave_forecaster" => Forecasts(config),
            "odeint" => ParityAnswer.Of(inputs => Solvers(config, inputs["y0"])),
            "pendulum_data" => ParityAnswer.Of(inputs => new()
            {
                ["out"] = Simulations.Pendulum(
                    inputs["y0"], config.Int("steps"), config.Double("dt"), config.Double("omega0_square"), config.Double("alpha")),
            }),
            "rd_data" => ParityAnswer.Of(inputs => ReactionDiffusion(config, inputs["y0"])),
            "wave_data" => ParityAnswer.Of(inputs => Wave(config, inputs)),
            "aphynity_loss" => ParityAnswer.Of(inputs => Loss(config, inputs)),
            _ => null,
        };
    }

    private static ParityAnswer Forecasts(Config config)
    {
        bool complete = config.Bool("is_complete", false);
        PhysicalLaw law = config.String("physics") switch
        {
            "pendulum" => new PendulumLaw(complete),
            "rd" => new ReactionDiffusionLaw(complete, config.Has("dx") ? config.Double("dx") : 2 / config.Double("size")),
            "wave" => new DampedWaveLaw(complete),
            var other => throw new ArgumentException($"no physics '{other}'"),
        };
        int states = config.Int("state_c", 2);
        Module<Tensor, Tensor>? correction = config.String("aug", "none") switch
        {
            "mlp" => new MlpCorrection(states, config.Int("hidden")),
            "convnet" => new ConvCorrection(states, config.Int("hidden")),
            "none" => null,
            var other => throw new ArgumentException($"no augmentation '{other}'"),
        };
        var forecaster = new Forecaster(law, config.Bool("is_augmented", true) ? correction : null);
        var solver = Solver(config.String("method", "rk4"), config);
        return new ParityAnswer(forecaster, inputs =>
        {
            var forecast = forecaster.Forecast(inputs["y0"], config.Doubles("t"), solver);
            var answers = new Dictionary<string, Tensor> { ["states"] = forecast, ["deriv"] = forecaster.Call(inputs["y0"]) };
            if (forecaster.Correction is not null) answers["aug"] = forecaster.Corrected(forecast);
            return answers;
        });
    }

    private static OdeSolver Solver(string method, Config options)
    {
        double? step = options.Has("step_size") ? options.Double("step_size") : null;
        return method switch
        {
            "euler" => new EulerSolver(step),
            "midpoint" => new MidpointSolver(step),
            "rk4" => new ThreeEighthsSolver(step),
            "dopri5" => new DormandPrinceSolver(options.Double("rtol", 1e-7), options.Double("atol", 1e-9)),
            _ => throw new ArgumentException($"no method '{method}'"),
        };
    }

    private static Dictionary<string, Tensor> Solvers(Config config, Tensor start)
    {
        double[] times = config.Doubles("t");
        double[] law = [.. Number().Matches(config.String("field"))
            .Select(match => double.Parse(match.Value.Replace(" ", ""), CultureInfo.InvariantCulture))];
        Tensor Swing(double time, Tensor state)
        {
            Tensor angle = state.Select(1, 0), speed = state.Select(1, 1);
            return Tensor.Stack([speed, (angle.Sin() * law[0]) + (speed * law[1]) + (law[2] * Math.Cos(time))], 1);
        }

        string[] methods = ["euler", "midpoint", "rk4", "dopri5"];
        var answers = methods.ToDictionary(name => name, name => Solver(name, config.Child(name)).Solve(Swing, start, times));
        foreach (var option in config.Element.EnumerateObject().Where(option => option.Name.Contains('_')))
        {
            var options = config.Child(option.Name);
            var first = options.String("dtype", "float32") == "float64" ? start.To(DType.Float64) : start;
            answers[option.Name] = Solver(option.Name.Split('_')[0], options).Solve(Swing, first, times);
        }

        return answers;
    }

    private static Dictionary<string, Tensor> ReactionDiffusion(Config config, Tensor start)
    {
        var coefficients = (config.Double("a"), config.Double("b"), config.Double("k"));
        double spacing = config.Has("dx") ? config.Double("dx") : 2 / config.Double("size");
        return new()
        {
            ["states"] = Simulations.ReactionDiffusion(start, config.Int("steps"), coefficients, spacing, config.Double("dt"))[0],
            ["rhs"] = Simulations.ReactionDiffusionDerivative(start, coefficients, spacing),
        };
    }

    private static Dictionary<string, Tensor> Wave(Config config, ParityInputs inputs)
    {
        double[] centre = inputs["mean"].To(DType.Float64).ToArray<double>();
        var wave = Simulations.Wave(
            config.Int("size"), (centre[0], centre[1]), inputs["std"].To(DType.Float64).Item<double>(), config.Int("steps"),
            config.Double("dt"), config.Double("c"), config.Double("k"), config.Int("stencil", 5));
        return new() { ["w"] = wave[0], ["dwdt"] = wave[1] / config.Double("c") };
    }

    private static Dictionary<string, Tensor> Loss(Config config, ParityInputs inputs)
    {
        Tensor states = inputs["states"], corrections = inputs["aug"];
        double eps = config.Double("eps", 1e-5);
        AphynityLoss relative = new(config.Double("lambda_0"), config.Double("tau_2"), CorrectionNorm.Relative),
            squared = new(config.Double("lambda_0"), config.Double("tau_2"), CorrectionNorm.L2);
        var trajectories = AphynityLoss.Trajectories(inputs["pred"], states);
        squared.Grow(trajectories.Item<double>());
        return new()
        {
            ["traj"] = trajectories,
            ["op_normalized"] = AphynityLoss.Size(corrections, states, CorrectionNorm.Relative, eps),
            ["op_l2"] = AphynityLoss.Size(corrections, states, CorrectionNorm.L2, eps),
            ["total_normalized"] = relative.Total(trajectories, corrections, states),
            ["total_l2_next"] = squared.Total(trajectories, corrections, states),
        };
    }

    [GeneratedRegex(@"-?\s?\d+(\.\d+)?(?=\s*(sin|p|cos))")]
    private static partial Regex Number();
}
