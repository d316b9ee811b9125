using Sconce.Systems.Science.MedicalPerception;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Human and machine perception: the filter, the reading model's log joint, the two statistics.</summary>
internal sealed class MedicalPerceptionAnswers : ParityAnswers
{
    internal override string System => "medical_perception";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "fourier_filter" => ParityAnswer.Of(inputs => Filter(config, inputs["img"])),
            "log_joint" => ParityAnswer.Of(inputs => LogJoint(config, inputs)),
            "ks_separability" =>
                ParityAnswer.Of(inputs => new()
                {
                    ["ks"] =
                    Tensor.Full([], PerceptionStatistics.Separability(Doubles(inputs["pos"]), Doubles(inputs["neg"])), DType.Float64)
                }),
            "predictive_confidence" => ParityAnswer.Of(inputs =>
            {
                var (mean, deviation, chance) = PerceptionStatistics.PredictiveConfidence(inputs["gamma"].To(DType.Float64));
                return new() { ["mean"] = mean, ["sd"] = deviation, ["p"] = chance };
            }),
            _ => null,
        };
    }

    private static Dictionary<string, Tensor> Filter(Config config, Tensor image)
    {
        var picture = image.To(DType.Float64);
        double radius = config.Double("radius");
        bool highPass = !config.Bool("low_pass");
        var filtered = FourierFilter.Apply(picture, radius, highPass);
        return new()
        {
            ["mask"] = FourierFilter.Mask(picture.Size(-2), picture.Size(-1), radius, highPass),
            ["filtered"] = filtered,
            ["normalised"] = FourierFilter.Normalize(filtered),
        };
    }

    private static Dictionary<string, Tensor> LogJoint(Config config, ParityInputs inputs)
    {
        var values = config.Doubles("priors_mean_mu_gamma_nu_b_then_sd");
        var priors = new ReadingPriors(new(values[0], values[4]), new(values[1], values[5]), new(values[2], values[6]),
            new(values[3], values[7]));
        var predictions = inputs["pred"].To(DType.Float32);
        if (!config.Bool("binary")) predictions = (predictions + 1) / 2;
        var gamma = ReadingModel.Gamma(inputs["gamma_step"]);
        var logits = ReadingModel.Logits(inputs["mu"], gamma, inputs["nu"], inputs["b"], inputs["subgroup"]);
        var prior = ReadingModel.LogPrior(inputs["mu"], inputs["gamma_step"], inputs["nu"], inputs["b"], priors);
        var likelihood = ReadingModel.LogLikelihood(logits, predictions, inputs["mask"]);
        return new()
        {
            ["gamma"] = gamma,
            ["theta"] = logits.Sigmoid(),
            ["log_prior"] = prior,
            ["log_likelihood"] = likelihood,
            ["log_joint"] = prior + likelihood
        };
    }

    private static double[] Doubles(Tensor values) => values.To(DType.Float64).ToArray<double>();
}
