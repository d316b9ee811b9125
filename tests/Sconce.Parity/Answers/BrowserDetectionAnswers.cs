using Sconce.Systems.Detection.BrowserDetection;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>The browser's CenterNet: network, targets, losses, peaks.</summary>
internal sealed class BrowserDetectionAnswers : ParityAnswers
{
    internal override string System => "browser_detection";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "centernet_lite" => Network(config),
            "centernet_targets" => ParityAnswer.Of(inputs =>
            {
                var targets = Targets(config, inputs);
                return new()
                {
                    ["heatmap"] = targets.Heatmap,
                    ["size"] = targets.Size,
                    ["offset"] = targets.Offset,
                    ["mask"] = targets.Mask,
                };
            }),
            "centernet_loss" => ParityAnswer.Of(inputs => Losses(config, inputs)),
            "centernet_decode" => ParityAnswer.Of(inputs =>
            {
                var output = new CenterNetOutput(inputs["heatmap"] * 3, (inputs["size"] * 2) + 3, (inputs["offset"] * 0.5) + 0.5);
                var peaks = CenterNetPeaks.Decode(output, config.Int("stride", 8), config.Int("topk", 20));
                return new() { ["boxes"] = peaks.Boxes, ["scores"] = peaks.Scores, ["classes"] = peaks.Classes + 1 };
            }),
            _ => null,
        };
    }

    private static ParityAnswer Network(Config config)
    {
        var network = new CenterNetLite(new CenterNetConfig
        {
            Classes = config.Int("num_classes"),
            Stem = config.Int("stem", 16),
            Stages =
            [
                .. config.List("stages").Select(stage => stage.EnumerateArray().Select(number => number.GetInt32()).ToArray())
                    .Select(stage => new CenterNetStage(stage[0], stage[1], stage[2], stage[3])),
            ],
            Neck = config.Int("neck", 48),
        });
        return new ParityAnswer(network, inputs =>
        {
            var output = network.Call(inputs["x"]);
            return new() { ["heatmap"] = output.Heatmap, ["size"] = output.Size, ["offset"] = output.Offset };
        });
    }

    private static CenterNetTargets Targets(Config config, ParityInputs inputs)
    {
        int image = config.Int("image"), stride = config.Int("stride", 8), cells = image / stride;
        float[] edges = (RawBoxes.Of(inputs["raw"].Detach(), [image, image]) / stride).ToArray<float>();
        long[] labels = inputs["labels"].ToArray<long>();
        var objects = labels.Select(
            (label, k) => new CellBox(edges[4 * k], edges[(4 * k) + 1], edges[(4 * k) + 2], edges[(4 * k) + 3], (int)label));
        return CenterNetTargets.Draw(objects, config.Int("classes"), cells, cells, config.Double("min_overlap", 0.7));
    }

    private static Dictionary<string, Tensor> Losses(Config config, ParityInputs inputs)
    {
        var one = Targets(config, inputs);
        var targets = new CenterNetTargets(one.Heatmap.Unsqueeze(0), one.Size.Unsqueeze(0), one.Offset.Unsqueeze(0), one.Mask.Unsqueeze(0));
        var losses = CenterNetLoss.Compute(new CenterNetOutput((inputs["heatmap"] * 2) - 2, inputs["size"] * 8, inputs["offset"]), targets);
        return new() { ["heatmap"] = losses.Heatmap, ["size"] = losses.Size, ["offset"] = losses.Offset };
    }
}
