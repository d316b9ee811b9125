using Sconce.Nn;
using Sconce.Systems.TrainingMethods.GradAug;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>GradAug: width rounding, sliced layers, its networks at full and smaller width, the soft loss, one step's gradients.</summary>
internal sealed class GradAugAnswers : ParityAnswers
{
    internal override string System => "gradaug";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "gradaug_widths" => ParityAnswer.Of(Widths),
            "gradaug_slim_unit" => Unit(config),
            _ when question.Model.StartsWith("gradaug_resnet", StringComparison.Ordinal) => ResNet(config),
            "gradaug_wideresnet" => WideResNet(config),
            "gradaug_pyramidnet" => PyramidNet(config),
            "gradaug_randdepth" => RandomDepth(config),
            "gradaug_soft_loss" =>
                ParityAnswer.Of(inputs => new() { ["loss"] = GradAugRegularizer.SoftLoss(inputs["sub"], inputs["full"]) }),
            "gradaug_step" => Step(config),
            _ => null,
        };
    }

    private static Dictionary<string, Tensor> Widths(ParityInputs inputs)
    {
        int[] channels = [.. inputs["c"].To(DType.Float64).ToArray<double>().Select(c => (int)c)];
        double[] widths = inputs["w"].To(DType.Float64).ToArray<double>();
        return new() { ["plain"] = All(1), ["ratio_quarter"] = All(0.25) };

        Tensor All(double ratio) =>
            Tensor.From(channels.SelectMany(c => widths.Select(w => (float)SharedWidth.Channels(c, w, ratio))).ToArray());
    }

    private static ParityAnswer Unit(Config config)
    {
        var width = new SharedWidth { Value = config.Double("width") };
        var first = config.Ints("conv");
        var second = config.Ints("conv2");
        var linear = config.Ints("fc");
        var norm = new SlimBatchNorm2d(width, config.Int("bn"));
        var unit = new Sequential
        {
            ["conv"] = new SlimConv2d(width, first[0], first[1], first[2], padding: first[2] / 2, bias: true),
            ["bn"] = norm,
            ["relu"] = new Relu(),
            ["conv2"] = new SlimConv2d(width, second[0], second[1], second[2], padding: second[2] / 2),
            ["mean"] = new GlobalAvgPool2d(),
            ["fc"] = new SlimLinear(linear[0], linear[1]),
        };
        return new ParityAnswer(unit, inputs =>
        {
            var x = unit.Call(inputs["x"]);
            return new() { ["out"] = x, ["bn.running_mean"] = norm.RunningMean.Clone(), ["bn.running_var"] = norm.RunningVar.Clone() };
        });
    }

    private static ParityAnswer ResNet(Config config)
    {
        if (config.Double("max_width", 1) != 1) throw new ArgumentException("GradAug's networks are at most as wide as their full width");
        int[] blocks = config.Has("blocks") ? config.Ints("blocks") : config.Int("depth") switch
        {
            50 => [3, 4, 6, 3],
            101 => [3, 4, 23, 3],
            152 => [3, 8, 36, 3],
            var depth => throw new ArgumentException($"GradAug has ResNets of 50, 101 and 152 layers, not of {depth}"),
        };
        int[]? widths = config.Has("feats") ? config.Ints("feats") : null;
        var network = new SlimResNet(blocks, config.Int("num_classes", 1000), widths) { Width = config.Double("width", 1) };
        return new ParityAnswer(network, inputs =>
        {
            var outputs = new Dictionary<string, Tensor>();
            var x = inputs["x"];
            int place = 0;
            foreach (var layer in network.Features) outputs[$"features{place++}"] = x = layer.Call(x);
            outputs["out"] = network.Classifier!.Call(x.Mean([2, 3]));
            return outputs;
        });
    }

    private static ParityAnswer WideResNet(Config config)
    {
        var network = new SlimWideResNet(config.Int("depth"), config.Int("widen_factor"), config.Int("num_classes", 100),
            config.Double("dropout", 0))
        { Width = config.Double("width", 1) };
        return new ParityAnswer(network,
            inputs => new() { ["conv1"] = network.Conv1.Call(inputs["x"]), ["out"] = network.Call(inputs["x"]) });
    }

    private static ParityAnswer PyramidNet(Config config)
    {
        if (!config.Bool("bottleneck", true)) throw new ArgumentException("the released PyramidNet with sub-networks has bottlenecks only");
        return ParityAnswer.Of(new SlimPyramidNet(config.Int("depth"), config.Int("alpha"), config.Int("num_classes", 100))
        { Width = config.Double("width", 1) });
    }

    private static ParityAnswer RandomDepth(Config config)
    {
        var chances = config.Doubles("prob");
        var network = new RandomDepthResNet(config.Ints("layers"), config.Int("num_classes", 10), chances[0], chances[1]);
        if (!config.Has("keep")) return ParityAnswer.Of(network);
        network.Width = 0.5;
        network.Keep = [.. config.Ints("keep").Select(flag => flag != 0)];
        return ParityAnswer.Of(network, output: "sub");
    }

    private static ParityAnswer Step(Config config)
    {
        var network = new SlimWideResNet(config.Int("depth"), config.Int("widen_factor"), config.Int("num_classes", 100),
            config.Double("dropout", 0));
        SubNetworkPass[] passes = [.. config.Doubles("widths")
            .Zip(config.Ints("resolutions"), (width, side) => new SubNetworkPass(width, side))];
        return new ParityAnswer(network, inputs =>
        {
            var (x, y) = (inputs["x"], inputs["y"].To(DType.Int64));
            var outputs = new Dictionary<string, Tensor>();
            for (int k = 0; k < passes.Length; k++)
            {
                network.Width = passes[k].Width;
                outputs[$"sub{k}_logits"] = network.Call(GradAugRegularizer.Resize(x, passes[k].Resolution)).Clone();
            }

            float[] answer = []; // the step's own scope ends before the comparison
            using (Gradients.On())
            {
                var (full, sub) = GradAugRegularizer.Accumulate(
                    network,
                    x,
                    logits =>
                    {
                        answer = logits.Detach().ToArray<float>();
                        return Functional.CrossEntropy(logits, y);
                    },
                    passes);
                outputs["full_logits"] = Tensor.From(answer).Reshape([x.Size(0), -1]);
                outputs["full_loss"] = Tensor.FromScalar((float)full);
                for (int k = 0; k < sub.Count; k++) outputs[$"sub{k}_loss"] = Tensor.FromScalar((float)sub[k]);
            }

            foreach (var (name, parameter) in network.NamedParameters())
            {
                outputs[$"grad.{name}"] = parameter.Grad!.Clone();
                parameter.Grad = null;
            }

            outputs["bn1.running_mean"] = network.Bn1.RunningMean.Clone();
            return outputs;
        });
    }
}
