using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.TrainingMethods.DataParallelism;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Data parallelism: the three update rules, the schedule, steps to result, scaling, the noisy quadratic.</summary>
internal sealed class DataParallelismAnswers : ParityAnswers
{
    internal override string System => "data_parallelism";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "sgd" => ParityAnswer.Of(inputs => Steps(config, inputs, config.Double("momentum", 0), nesterov: false)),
            "momentum" => ParityAnswer.Of(inputs => Steps(config, inputs, config.Double("momentum"), nesterov: false)),
            "nesterov" => ParityAnswer.Of(inputs => Steps(config, inputs, config.Double("momentum"), nesterov: true)),
            "linear_decay" => ParityAnswer.Of(inputs => Decay(config, inputs)),
            "steps_to_result" => ParityAnswer.Of(inputs => ToResult(config, inputs)),
            "scaling" => ParityAnswer.Of(Scale),
            "noisy_quadratic" => ParityAnswer.Of(inputs => Quadratic(config, inputs)),
            _ => null,
        };
    }

    private static Dictionary<string, Tensor> Steps(Config config, ParityInputs inputs, double momentum, bool nesterov)
    {
        using var w = new Parameter(inputs["w"].Clone());
        using var optimizer = new Sgd([w], config.Double("lr"), momentum, nesterov: nesterov);
        var outputs = new Dictionary<string, Tensor>();
        for (int step = 0; step < config.Int("steps"); step++)
        {
            w.Grad = inputs[$"g{step}"];
            optimizer.Step();
            outputs[$"w{step + 1}"] = w.Detach().Clone();
        }

        w.Grad = null;
        return outputs;
    }

    private static Dictionary<string, Tensor> Decay(Config config, ParityInputs inputs)
    {
        double first = config.Double("eta0");
        var schedule = LearningRateSchedule.Linear(first, config.Double("alpha") * first, config.Int("decay_steps"));
        return new() { ["lr"] = Tensor.From(Doubles(inputs["step"]).Select(step => schedule.At((long)step)).ToArray()) };
    }

    private static Dictionary<string, Tensor> ToResult(Config config, ParityInputs inputs)
    {
        var steps = StepsToResult.FirstCrossing(inputs["err"], config.Double("target"), config.Int("eval_interval"));
        steps = steps.MaskedFill(steps.Isinf(), config.Double("infeasible"));
        return new() { ["steps"] = steps, ["best"] = steps.Min() };
    }

    private static Dictionary<string, Tensor> Scale(ParityInputs inputs)
    {
        var curve = new ScalingCurve(Doubles(inputs["batch"]), Doubles(inputs["steps"]));
        return new()
        {
            ["slope"] = Tensor.From(curve.Slopes.ToArray()),
            ["perfect_scaling"] = Tensor.From(curve.PerfectScaling.ToArray()),
            ["efficiency"] = Tensor.From(curve.Efficiency.ToArray())
        };
    }

    private static Dictionary<string, Tensor> Quadratic(Config config, ParityInputs inputs)
    {
        double[] curvatures = [.. Doubles(inputs["h"]).Select(h => Math.Abs(h) + 0.1)],
            variances = [.. Doubles(inputs["c"]).Select(c => Math.Abs(c) + 0.05)],
            squares = [.. Doubles(inputs["theta"]).Select(theta => theta * theta)];
        var losses = new NoisyQuadratic(curvatures, variances, squares).ExpectedLosses(config.Double("lr"), config.Double("batch"),
            config.Int("steps"));
        return new() { ["expected_loss"] = Tensor.From(losses.ToArray()) };
    }

    private static double[] Doubles(Tensor values) => values.To(DType.Float64).ToArray<double>();
}
