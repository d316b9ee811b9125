using Sconce.Nn;
using Sconce.Nn.Backbones;

namespace Sconce.Parity.Answers;

/// <summary>torchvision's residual networks (Cases/make_resnet.py).</summary>
internal sealed class ResNetAnswers : ParityAnswers
{
    internal override string System => "resnet";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        bool[] dilate = [.. config.List("replace_stride_with_dilation").Select(value => value.GetBoolean())];
        var network = new ResNet(new ResNetConfiguration(config.String("block") == "basic" ? ResNetBlock.Basic : ResNetBlock.Bottleneck,
            config.Ints("layers"))
        {
            Groups = config.Int("groups"),
            WidthPerGroup = config.Int("width_per_group"),
            ReplaceStrideWithDilation = (dilate[0], dilate[1], dilate[2]),
            Classes = config.Int("num_classes"),
            Norm = config.Bool("frozen") ? channels => new FrozenBatchNorm2d(channels) : channels => new BatchNorm2d(channels),
        });
        return new ParityAnswer(network, inputs =>
        {
            var maps = network.Features(inputs["x"]);
            return new()
            {
                ["layer1"] = maps[0],
                ["layer2"] = maps[1],
                ["layer3"] = maps[2],
                ["layer4"] = maps[3],
                ["out"] = network.Call(inputs["x"])
            };
        });
    }
}
