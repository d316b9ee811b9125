using Sconce.Systems.Science.HumanError;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>The annotators' confusion matrices: the three networks, the losses, the baseline's Dice loss.</summary>
internal sealed class HumanErrorAnswers : ParityAnswers
{
    internal override string System => "human_error";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        switch (question.Model)
        {
            case "unet":
                return ParityAnswer.Of(new UNet(Read(config) with { Dropout = config.Bool("dropout", false) ? 0.4 : 0 }));
            case "unet_cms":
                if (config.Int("rank", 1) != 1) throw new ArgumentException("the released low-rank annotators are of rank 1");
                var annotators = new AnnotatorUNet(Read(config) with { LowRank = config.Bool("low_rank", false) });
                return new ParityAnswer(annotators, inputs => Outputs(annotators.Annotate(inputs["x"])));
            case "unet_global_cms":
                var global = new GlobalAnnotatorUNet(Read(config));
                return new ParityAnswer(global, inputs => Outputs(global.Annotate(inputs["x"])));
            case "noisy_label_loss" or "noisy_label_loss_low_rank":
                return ParityAnswer.Of(inputs => Loss(config, inputs));
            case "dice_loss":
                return ParityAnswer.Of(inputs =>
                    new() { ["loss"] = NoisyLabels.DiceLoss(inputs["pred"], inputs["target"], config.Double("smooth", 1)) });
            default:
                return null;
        }
    }

    private static UNetConfig Read(Config config) =>
        new(config.Int("in_ch"), config.Int("width"), config.Int("depth"), config.Int("class_no"))
        {
            Annotators = config.Int("annotators", 4),
            Norm = config.String("norm", "in") switch
            {
                "in" => UNetNorm.Instance,
                "bn" => UNetNorm.Batch,
                "ln" => UNetNorm.Layer,
                "gn" => UNetNorm.Group,
                var norm => throw new ArgumentException($"a U-Net has no norm '{norm}'"),
            },
        };

    private static Dictionary<string, Tensor> Outputs(AnnotatedSegmentation segmentation)
    {
        var outputs = new Dictionary<string, Tensor> { ["logits"] = segmentation.Logits };
        for (int r = 0; r < segmentation.Matrices.Count; r++) outputs[$"cm{r}"] = segmentation.Matrices[r];
        return outputs;
    }

    private static Dictionary<string, Tensor> Loss(Config config, ParityInputs inputs)
    {
        int count = inputs.All.Keys.Count(name => name.StartsWith("cm", StringComparison.Ordinal));
        var segmentation = new AnnotatedSegmentation(inputs["pred"], [.. Enumerable.Range(0, count).Select(r => inputs[$"cm{r}"])]);
        Tensor[] labels = [.. Enumerable.Range(0, count).Select(r => inputs[$"label{r}"].To(DType.Int64))];
        var loss = NoisyLabels.Compute(segmentation, labels, config.Double("alpha"), asReleased: true);
        return new() { ["loss"] = loss.Total, ["main"] = loss.Annotations, ["regularisation"] = loss.Trace };
    }
}
