using Sconce.Systems.Classification.ResNeSt;

namespace Sconce.Parity.Answers;

/// <summary>ResNeSt: whole networks, the split-attention convolution, the radix softmax.</summary>
internal sealed class ResNeStAnswers : ParityAnswers
{
    internal override string System => "resnest";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        if (question.Model == "r_softmax")
        {
            return ParityAnswer.Of(inputs =>
                new() { ["out"] = RadixSoftmax.Compute(inputs["x"], config.Int("radix"), config.Int("cardinality")) });
        }

        if (question.Model == "splat_conv")
        {
            return ParityAnswer.Of(new SplitAttentionConv2d(
                new SplitAttentionConfig(config.Int("in_channels"), config.Int("channels"), config.Int("kernel_size"))
                {
                    Stride = config.Int("stride", 1),
                    Padding = config.Int("padding", 0),
                    Dilation = config.Int("dilation", 1),
                    Cardinality = config.Int("groups", 1),
                    Radix = config.Int("radix", 2),
                    Reduction = config.Int("reduction_factor", 4),
                    Bias = config.Bool("bias", true),
                    Norm = config.Bool("norm", true),
                }));
        }

        if (!config.Has("layers")) return null;
        var network = new ResNeSt(new ResNeStConfig(config.Ints("layers"))
        {
            Radix = config.Int("radix", 1),
            Cardinality = config.Int("groups", 1),
            BottleneckWidth = config.Int("bottleneck_width", 64),
            Classes = config.Int("num_classes", 1000),
            DeepStem = config.Bool("deep_stem", false),
            StemWidth = config.Int("stem_width", 64),
            AverageDown = config.Bool("avg_down", false),
            AverageInBlock = config.Bool("avd", false),
            AverageFirst = config.Bool("avd_first", false),
            Dilation = config.Bool("dilated", false) ? 4 : config.Int("dilation", 1),
            Dropout = config.Double("final_drop", 0),
            DropBlock = config.Double("dropblock_prob", 0) is > 0 and var rate ? rate : null,
            ZeroInitResidual = config.Bool("last_gamma", false),
        });
        return new ParityAnswer(network, inputs =>
        {
            var stem = network.Stem(inputs["x"]);
            var first = network.Layer1.Call(stem);
            var second = network.Layer2.Call(first);
            var third = network.Layer3.Call(second);
            var fourth = network.Layer4.Call(third);
            return new()
            {
                ["stem"] = stem,
                ["layer1"] = first,
                ["layer2"] = second,
                ["layer3"] = third,
                ["layer4"] = fourth,
                ["out"] = network.Classify(fourth)
            };
        });
    }
}
