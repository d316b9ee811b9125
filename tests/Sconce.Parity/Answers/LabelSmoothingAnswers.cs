using Sconce.Nn;
using Sconce.Systems.TrainingMethods.LabelSmoothing;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Label smoothing: smeared losses, corrections, distillation, the noise.</summary>
internal sealed class LabelSmoothingAnswers : ParityAnswers
{
    internal override string System => "label_smoothing";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "smoothing" =>
                ParityAnswer.Of(inputs => Smeared(inputs, SmearedLosses.SmoothingMatrix(config.Int("classes"), config.Double("alpha")))),
            "backward" => ParityAnswer.Of(inputs =>
                Smeared(inputs, SmearedLosses.SymmetricBackwardMatrix(config.Int("classes"), config.Double("alpha")))),
            "backward_correction" => ParityAnswer.Of(inputs => Smeared(inputs, inputs["T"].Softmax(-1).Inverse())),
            "forward_correction" => ParityAnswer.Of(inputs =>
            {
                var transition = inputs["T"].Softmax(-1);
                return new()
                {
                    ["noisy_probs"] = SmearedLosses.NoisyProbabilities(inputs["logits"], transition),
                    ["loss"] = SmearedLosses.ForwardCorrected(inputs["logits"], inputs["label"], transition),
                    ["T"] = transition,
                };
            }),
            "distillation" => ParityAnswer.Of(inputs =>
            {
                var distillation = new Distillation(config.Double("temperature"), config.Double("beta"));
                return new()
                {
                    ["kl"] = distillation.Divergence(inputs["student"], inputs["teacher"])
                        / (distillation.Temperature * distillation.Temperature),
                    ["ce"] = Functional.CrossEntropy(inputs["student"], inputs["label"]),
                    ["loss"] = distillation.Compute(inputs["student"], inputs["teacher"], inputs["label"]),
                };
            }),
            "symmetric_noise" =>
                ParityAnswer.Of(inputs => new()
                {
                    ["noisy"] = LabelNoise.Corrupt(inputs["label"], (inputs["u"].To(DType.Float64) + 1) / 2, config.Int("classes"),
                        config.Double("rho"))
                }),
            _ => null,
        };
    }

    private static Dictionary<string, Tensor> Smeared(ParityInputs inputs, Tensor matrix) => new()
    {
        ["per_label"] = SmearedLosses.PerLabel(inputs["logits"], matrix),
        ["loss"] = SmearedLosses.Compute(inputs["logits"], inputs["label"], matrix),
    };
}
