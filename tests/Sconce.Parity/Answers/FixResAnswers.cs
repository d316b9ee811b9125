using Sconce.Optim;
using Sconce.Systems.Classification.FixRes;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>FixRes: EfficientNets, the fine-tuning steps, the test transform's arithmetic.</summary>
internal sealed class FixResAnswers : ParityAnswers
{
    internal override string System => "fixres";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "fixres_test_resize" => ParityAnswer.Of(Resize),
            "fixres_finetune_steps" => FineTune(config),
            _ when config.Has("channel_multiplier") => Network(config),
            _ => null,
        };
    }

    private static ParityAnswer Network(Config config)
    {
        var network = new EfficientNet(Read(config));
        return new ParityAnswer(network, inputs =>
        {
            var maps = network.Features(inputs["x"]);
            var outputs = new Dictionary<string, Tensor>
            { ["stem"] = maps[0], ["head"] = maps[^1], ["out"] = network.Classifier!.Call(maps[^1].Mean([2, 3])) };
            for (int stage = 1; stage < maps.Count - 1; stage++) outputs[$"stage{stage - 1}"] = maps[stage];
            return outputs;
        });
    }

    private static EfficientNetConfig Read(Config config)
    {
        if (config.String("pad", "SAME") != "SAME" || config.String("act", "silu") != "silu")
            throw new ArgumentException("these EfficientNets pad as TensorFlow and use SiLU");
        var read = new EfficientNetConfig(config.Double("channel_multiplier"), config.Double("depth_multiplier"))
        {
            Divisor = config.Int("channel_divisor", 8),
            Classes = config.Int("num_classes", 1000),
            NormEps = config.Double("bn_eps", 1e-3),
            NormMomentum = config.Double("bn_momentum", 0.1),
            SqueezeRatio = config.Double("se_ratio", 0.25),
            Dropout = config.Double("drop_rate", 0),
            DropPath = config.Double("drop_path_rate", 0),
        };
        if (config.Has("stem_channels") && config.Int("stem_channels") != read.Channels(read.Stem))
            throw new ArgumentException($"the stem scales to {read.Channels(read.Stem)} channels, not {config.Int("stem_channels")}");
        if (config.Has("head_channels") && config.Int("head_channels") != read.Channels(read.Head))
            throw new ArgumentException($"the head scales to {read.Channels(read.Head)} channels, not {config.Int("head_channels")}");
        return read;
    }

    private static ParityAnswer FineTune(Config config)
    {
        var network = new EfficientNet(Read(config));
        return new ParityAnswer(network, inputs =>
        {
            using var recording = Gradients.On();
            var tuning = new FixResFineTuning(network, FixResLayers.EfficientNet);
            using var optimizer = new Sgd(tuning.Classifier.Parameters(), config.Double("lr"), momentum: config.Double("momentum", 0.9),
                weightDecay: config.Double("weight_decay", 1e-4));
            var losses = new List<float>();
            var labels = inputs["y"].To(DType.Int64);
            for (int step = 0; step < config.Int("steps"); step++)
            {
                optimizer.ZeroGrad();
                var loss = tuning.Loss(inputs["x"], labels);
                loss.Backward();
                losses.Add(loss.Item<float>());
                optimizer.Step();
            }

            network.Eval();
            return new()
            {
                ["losses"] = Tensor.From(losses.ToArray()),
                ["classifier.weight"] = network.Classifier!.Weight.Detach().Clone(),
                ["classifier.bias"] = network.Classifier.Bias!.Detach().Clone(),
                ["bn2.running_mean"] = network.Bn2.RunningMean!.Clone(),
                ["bn2.running_var"] = network.Bn2.RunningVar!.Clone(),
                ["bn2.weight"] = network.Bn2.Weight!.Detach().Clone(),
                ["bn1.running_mean"] = network.Bn1.RunningMean!.Clone(),
                ["logits_eval"] = network.Call(inputs["x"]).Detach(),
            };
        });
    }

    private static Dictionary<string, Tensor> Resize(ParityInputs inputs)
    {
        int[] Numbers(string name) => [.. inputs[name].To(DType.Int64).ToArray<long>().Select(value => (int)value)];
        var (widths, heights, tests) = (Numbers("w"), Numbers("h"), Numbers("test"));
        var resized = widths.Select((width, k) => FixResTransform.Resized(width, heights[k], tests[k])).ToList();
        Tensor All(Func<int, int> value) => Tensor.From(Enumerable.Range(0, tests.Length).Select(k => (float)value(k)).ToArray());
        return new()
        {
            ["resized_h"] = All(k => resized[k].Height),
            ["resized_w"] = All(k => resized[k].Width),
            ["crop_top"] = All(k => FixResTransform.CropOffset(resized[k].Height, tests[k])),
            ["crop_left"] = All(k => FixResTransform.CropOffset(resized[k].Width, tests[k])),
        };
    }
}
