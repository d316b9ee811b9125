using Sconce.Nn;
using Sconce.Systems.DensePrediction.ModNet;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>MODNet: the network, its norm, both losses, the one-frame delay.</summary>
internal sealed class ModNetAnswers : ParityAnswers
{
    internal override string System => "modnet";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "modnet" => Network(config),
            "ibnorm" => ParityAnswer.Of(new IBNorm(config.Int("in_channels"))),
            "supervised_loss" => ParityAnswer.Of(inputs => Supervised(config, inputs)),
            "soc_loss" => ParityAnswer.Of(inputs => Consistency(config, inputs)),
            "one_frame_delay" =>
                ParityAnswer.Of(inputs => new() { ["out"] = OneFrameDelay.Apply(inputs["frames"], config.Double("xi", 0.1)) }),
            _ => null,
        };
    }

    private static ParityAnswer Network(Config config)
    {
        if (config.Int("in_channels", 3) != 3 || config.Int("hr_channels", 32) != 32
            || config.String("backbone_arch", "mobilenetv2") != "mobilenetv2")
        {
            throw new ArgumentException("MODNet's released code runs with three colours, 32 channels of detail and MobileNetV2 alone");
        }

        var network = new ModNet();
        return new ParityAnswer(network, inputs =>
        {
            if (config.Bool("inference", false)) return new() { ["out"] = network.Call(inputs["img"]) };
            var output = network.Predict(inputs["img"]);
            return new() { ["semantic"] = output.Semantic, ["detail"] = output.Detail, ["matte"] = output.Matte };
        });
    }

    private static Dictionary<string, Tensor> Supervised(Config config, ParityInputs inputs)
    {
        var losses = new MatteLosses
        {
            SemanticScale = config.Double("semantic_scale", 10),
            DetailScale = config.Double("detail_scale", 10),
            MatteScale = config.Double("matte_scale", 1),
            Blur = config.Int("blur_kernel", 3),
        };
        var output = new ModNetOutput(inputs["pred_semantic"], inputs["pred_detail"], inputs["pred_matte"]);
        var loss = losses.Compute(output, inputs["image"], inputs["trimap"].To(output.Matte.DType) / 2, inputs["gt_matte"]);
        return new() { ["semantic_loss"] = loss.Semantic, ["detail_loss"] = loss.Detail, ["matte_loss"] = loss.Matte };
    }

    private static Dictionary<string, Tensor> Consistency(Config config, ParityInputs inputs)
    {
        var matte = (Functional.InterpolateBy(inputs["matte_low"], 16, Interpolation.Bilinear) * 6).Sigmoid();
        var output = new ModNetOutput((inputs["semantic_logit"] * 4).Sigmoid(), inputs["detail"], matte);
        var loss = new ConsistencyLoss
        {
            SemanticScale = config.Double("soc_semantic_scale", 100),
            DetailScale = config.Double("soc_detail_scale", 1),
        };
        var (semantic, detail) = loss.Compute(output, inputs["backup_detail"], inputs["backup_matte"]);
        return new() { ["soc_semantic_loss"] = semantic, ["soc_detail_loss"] = detail };
    }
}
