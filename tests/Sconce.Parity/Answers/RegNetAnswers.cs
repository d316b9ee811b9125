using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>RegNet: the design space's rule, whole and small networks.</summary>
internal sealed class RegNetAnswers : ParityAnswers
{
    internal override string System => "regnet";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        if (question.Model == "design_space") return ParityAnswer.Of(_ => Designs(config));
        if (!config.Has("w_0")) return null;
        double bottleneck = config.Double("bottleneck_multiplier", 1);
        var stages = Design(config).Stages(bottleneck);
        if (config.Has("strides")) stages = [.. stages.Zip(config.Ints("strides"), (stage, stride) => stage with { Stride = stride })];
        var network = new RegNet(new RegNetConfig(stages)
        {
            SqueezeRatio = config.Has("se_ratio") ? config.Double("se_ratio") : null,
            BottleneckMultiplier = bottleneck,
            StemWidth = config.Int("stem_width", 32),
            Classes = config.Int("num_classes", 1000),
            NormEps = config.Double("bn_eps", 1e-5),
            NormMomentum = config.Double("bn_momentum", 0.1),
        });
        return new ParityAnswer(network, inputs =>
        {
            var x = network.Stem.Call(inputs["x"]);
            var outputs = new Dictionary<string, Tensor> { ["stem"] = x };
            for (int s = 0; s < network.TrunkOutput.Count; s++) outputs[$"stage{s + 1}"] = x = network.TrunkOutput[s].Call(x);
            outputs["logits"] = network.Fc!.Call(x.Mean([2, 3]));
            return outputs;
        });
    }

    private static RegNetDesign Design(Config config) =>
        new(config.Int("depth"), config.Int("w_0"), config.Double("w_a"), config.Double("w_m"), config.Int("group_width"));

    private static Dictionary<string, Tensor> Designs(Config config)
    {
        var outputs = new Dictionary<string, Tensor>();
        foreach (var entry in config.Element.EnumerateObject())
        {
            var stages = Design(config.Child(entry.Name)).Stages();
            outputs[entry.Name + ".widths"] = Numbers(stages.Select(stage => stage.Width));
            outputs[entry.Name + ".depths"] = Numbers(stages.Select(stage => stage.Depth));
            outputs[entry.Name + ".group_widths"] = Numbers(stages.Select(stage => stage.GroupWidth));
        }

        return outputs;
    }

    private static Tensor Numbers(IEnumerable<int> numbers) => Tensor.From(numbers.Select(number => (float)number).ToArray());
}
