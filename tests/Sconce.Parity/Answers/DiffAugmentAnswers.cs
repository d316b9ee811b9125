using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>DiffAugment: its functions, whole policies, and both players' losses through them.</summary>
internal sealed class DiffAugmentAnswers : ParityAnswers
{
    internal override string System => "diffaugment";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "color" => ParityAnswer.Of(Color),
            "translation" =>
                ParityAnswer.Of(inputs => new() { ["out"] = DiffAugmentFunctions.Translate(inputs["x"], inputs["tx"], inputs["ty"]) }),
            "cutout" => ParityAnswer.Of(inputs => new()
            {
                ["out"] = DiffAugmentFunctions.Cutout(inputs["x"], inputs["ox"], inputs["oy"], config.Double("ratio", 0.5)),
            }),
            "diffaugment" => ParityAnswer.Of(inputs =>
            {
                var policy = DiffAugmentPolicy.Parse(config.String("policy"));
                string kind = inputs.Has("r_b") ? "r_" : "";
                return new() { ["out"] = policy.Apply(inputs["x"], Draws(policy, inputs["x"], inputs, kind, "")) };
            }),
            "d_step" or "g_step" => Step(question),
            _ => null,
        };
    }

    private static Dictionary<string, Tensor> Color(ParityInputs inputs)
    {
        var policy = new DiffAugmentPolicy([DiffAugmentation.Color]);
        return new()
        {
            ["brightness"] = DiffAugmentFunctions.Brightness(inputs["x"], inputs["r_b"]),
            ["saturation"] = DiffAugmentFunctions.Saturation(inputs["x"], inputs["r_s"]),
            ["contrast"] = DiffAugmentFunctions.Contrast(inputs["x"], inputs["r_c"]),
            ["color"] = policy.Apply(inputs["x"], Draws(policy, inputs["x"], inputs, "r_", "")),
        };
    }

    /// <summary>The numbers of [0, 1) that come out as the case's draws: a whole number becomes the middle of its cell.</summary>
    private static DiffAugmentDraws Draws(DiffAugmentPolicy policy, Tensor images, ParityInputs inputs, string uniform, string whole)
    {
        var rows = new List<Tensor>();
        foreach (var word in policy.Words)
        {
            switch (word)
            {
                case DiffAugmentation.Color:
                    foreach (string name in (string[])["b", "s", "c"]) rows.Add(inputs[uniform + name].Reshape([-1]));
                    break;
                case DiffAugmentation.Translation:
                    foreach (var (name, side) in ((string, long)[])[("tx", images.Size(2)), ("ty", images.Size(3))])
                    {
                        int largest = DiffAugmentFunctions.LargestShift(side);
                        rows.Add((inputs[whole + name].Float() + (largest + 0.5)) / ((2 * largest) + 1));
                    }

                    break;
                default:
                    foreach (var (name, side) in ((string, long)[])[("ox", images.Size(2)), ("oy", images.Size(3))])
                    {
                        rows.Add((inputs[whole + name].Float() + 0.5) / DiffAugmentFunctions.HolePlaces(side));
                    }

                    break;
            }
        }

        long count = images.Size(0);
        return new(Tensor.Stack([.. rows.Select(row => row.To(images.DType))]), Tensor.Zeros([policy.Words.Count, count]));
    }

    private static ParityAnswer Step(ParityCase question)
    {
        var config = question.Config;
        bool penalized = question.Properties("outputs").Any(output => output.Name == "r1");
        var policy = DiffAugmentPolicy.Parse(config.String("policy"));
        var loss = config.String("loss") switch
        {
            "logistic" => GanLoss.NonSaturating,
            "hinge" => GanLoss.Hinge,
            "wasserstein" or "wgan" => GanLoss.Wasserstein,
            "lsgan" or "least_squares" => GanLoss.LeastSquares,
            var other => throw new ArgumentException($"no GAN loss '{other}'"),
        };
        long[] painter = question.StateShape("g.weight"), filters = question.StateShape("d1.weight");
        long side = (long)Math.Sqrt(painter[0] / filters[1]);
        var module = new ModuleDictionary<Module<Tensor, Tensor>>
        {
            ["g"] = new Linear(painter[1], painter[0]),
            ["d1"] = new Conv2d((int)filters[1], (int)filters[0], 3, 2, 1),
            ["d2"] = new Linear(question.StateShape("d2.weight")[1], 1),
        };
        Tensor Fake(Tensor z) => module["g"].Call(z).Tanh().Reshape([-1, filters[1], side, side]);
        Tensor Judge(Tensor x) => module["d2"].Call(module["d1"].Call(x).LeakyRelu(0.2).Flatten(1));
        return new ParityAnswer(module, inputs =>
        {
            var fake = Fake(inputs["z"]);
            Tensor Augmented(Tensor x, string who) => policy.Apply(x, Draws(policy, x, inputs, who, who));
            if (question.Model == "g_step") return new() { ["g_loss"] = loss.OfGenerator(Judge(Augmented(fake, "fake_"))) };
            var real = inputs["x"];
            var judgedReal = Judge(Augmented(real, "real_"));
            var outputs = new Dictionary<string, Tensor>
            {
                ["d_loss"] = loss.OfDiscriminator(judgedReal, Judge(Augmented(fake.Detach(), "fake_"))),
            };
            if (penalized) outputs["r1"] = GradientPenalty.SquaredNorm(judgedReal, real);
            return outputs;
        });
    }
}
