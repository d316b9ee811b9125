using Sconce.Nn;
using Sconce.Systems.TrainingMethods.Frost;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>FROST: its network, losses, label guessing, bootstrap, average and schedule, and FixMatch's losses.</summary>
internal sealed class FrostAnswers : ParityAnswers
{
    internal override string System => "frost";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "wide_resnet" => Network(config),
            "contrastive_loss" => ParityAnswer.Of(inputs =>
                new() { ["loss"] = FrostLosses.Contrastive(inputs["z1"], inputs["z2"], config.Double("temperature", 0.5)) }),
            "label_guessor" => ParityAnswer.Of(inputs => Guess(config, inputs)),
            "frost_loss" => ParityAnswer.Of(inputs => Total(config, inputs)),
            "fixmatch_loss" => ParityAnswer.Of(inputs => FixMatch(config, inputs)),
            "bootstrap_selection" => ParityAnswer.Of(inputs => Select(config, inputs)),
            "ema" => ParityAnswer.Of(inputs => Average(config, inputs)),
            "lr_schedule" => ParityAnswer.Of(inputs => Schedule(config, inputs)),
            _ => null,
        };
    }

    private static ParityAnswer Network(Config config)
    {
        var network = new FrostWideResNet(config.Int("n_classes", 10), config.Int("k", 2), config.Int("n", 28),
            config.Int("feature_dim", 128));
        return new ParityAnswer(network, inputs =>
        {
            var outputs = network.Outputs(inputs["x"]);
            return new()
            {
                ["logits"] = outputs.Logits,
                ["feature"] = network.Feature(inputs["x"]),
                ["z"] = Functional.Normalize(outputs.Projection, -1)
            };
        });
    }

    private static Dictionary<string, Tensor> Guess(Config config, ParityInputs inputs)
    {
        var guesser = Guesser(config);
        var guessed = guesser.Guess(inputs["weak"]);
        var strong = inputs["strong"][Tensor.From(guessed.Places.ToArray())];
        return new()
        {
            ["valid"] = Tensor.From(guessed.Kept.Select(kept => kept ? 1f : 0f).ToArray()),
            ["labels"] = Tensor.From(guessed.Labels.ToArray()),
            ["mask"] = Tensor.From(guessed.Weights.ToArray()),
            ["loss"] = FrostLosses.Unlabelled(strong, guessed, guesser.Weighs) ?? Tensor.Zeros([]),
        };
    }

    private static Dictionary<string, Tensor> Total(Config config, ParityInputs inputs)
    {
        var step = new FrostStep(Guesser(config))
        {
            SupervisedWeight = config.Double("lam_x", 1),
            UnlabelledWeight = config.Double("lam_u", 1),
            ContrastiveWeight = config.Double("lam_clr", 1),
        };
        var guessed = step.Guesser.Guess(inputs["weak"]);
        var strong = ((inputs["s1"] + inputs["s2"]) / 2)[Tensor.From(guessed.Places.ToArray())];
        var contrastive = FrostLosses.Contrastive(inputs["z1"], inputs["z2"], config.Double("temperature", 0.5));
        var loss = step.Combine((inputs["x1"] + inputs["x2"]) / 2, inputs["y"].To(DType.Int64), strong, guessed, contrastive);
        return new() { ["loss_x"] = loss.Supervised, ["loss_u"] = loss.Unlabelled, ["loss_clr"] = loss.Contrastive, ["loss"] = loss.Total };
    }

    private static Dictionary<string, Tensor> FixMatch(Config config, ParityInputs inputs)
    {
        var supervised = Functional.CrossEntropy(inputs["lx"], inputs["y"].To(DType.Int64));
        var (unsupervised, mask) = FrostLosses.FixMatch(inputs["lw"], inputs["ls"], config.Double("tau"));
        return new()
        {
            ["supervised"] = supervised,
            ["unsupervised"] = unsupervised,
            ["mask"] = mask,
            ["loss"] = supervised + (unsupervised * config.Double("lambda_u", 1))
        };
    }

    private static Dictionary<string, Tensor> Select(Config config, ParityInputs inputs)
    {
        int perClass = config.Int("per_class");
        var chosen = Bootstrap.Select(inputs["prob"] * 3, perClass);
        long[] order = [.. chosen.Places.SelectMany(places => places.Concat(Enumerable.Repeat(-1L, perClass - places.Count)))];
        return new()
        {
            ["order"] = Tensor.From(order).Reshape([chosen.Places.Count, perClass]),
            ["count"] = Tensor.From(chosen.Places.Select(places => (long)places.Count).ToArray()),
            ["confidence"] = Tensor.From(chosen.Confidence.ToArray()),
        };
    }

    private static Dictionary<string, Tensor> Average(Config config, ParityInputs inputs)
    {
        using var layer = new Linear(inputs["w"].Size(0), 1, bias: false);
        layer.Weight.CopyInPlace(inputs["w"].Reshape([1, -1]));
        using var average = FrostTraining.Average(layer, config.Double("alpha", 0.999));
        var outputs = new Dictionary<string, Tensor>();
        for (int k = 0; inputs.All.TryGetValue($"u{k}", out var update); k++)
        {
            layer.Weight.CopyInPlace(update.Reshape([1, -1]));
            average.Update();
            outputs[$"ema{k}"] = average.Weights[0].Tensor.Flatten().Clone();
        }

        return outputs;
    }

    private static Dictionary<string, Tensor> Schedule(Config config, ParityInputs inputs)
    {
        if (config.Int("warmup", 0) != 0) throw new ArgumentException("FROST runs without a warm-up");
        var schedule = FrostTraining.Schedule(config.Double("lr"), config.Int("max_iter"));
        return new()
        { ["lr"] = Tensor.From(inputs["step"].To(DType.Int64).ToArray<long>().Select(step => (float)schedule.At(step)).ToArray()) };
    }

    private static LabelGuesser Guesser(Config config) =>
        new(config.Double("threshold"), (ClassBalance)config.Int("balance", 0), config.Double("delT", 0.2));
}
