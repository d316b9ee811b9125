using Sconce.Systems.TrainingMethods.ReLabel;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>ReLabel: maps, pooled labels, loss, CutMix, schedule.</summary>
internal sealed class ReLabelAnswers : ParityAnswers
{
    internal override string System => "relabel";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "label_pooling" => ParityAnswer.Of(inputs => Pooled(config, inputs)),
            "label_pooling_dense" => ParityAnswer.Of(inputs => new()
            {
                ["roi"] = LabelPooling.Regions(inputs["maps"], inputs["box"]),
                ["soft"] = LabelPooling.Pool(inputs["maps"], inputs["box"]),
            }),
            "soft_target_cross_entropy" => ParityAnswer.Of(inputs => new()
            {
                ["loss"] = SoftTargetCrossEntropy.Compute(inputs["logits"], inputs.Has("target")
                    ? inputs["target"] : LabelPooling.Pool(inputs["maps"], inputs["box"])),
            }),
            "label_map" => ParityAnswer.Of(inputs => Map(config, inputs)),
            "cutmix" => ParityAnswer.Of(inputs => Mixed(config, inputs)),
            "lr_schedule" => ParityAnswer.Of(inputs => Rates(config, inputs)),
            _ => null,
        };
    }

    private static Dictionary<string, Tensor> Pooled(Config config, ParityInputs inputs)
    {
        int classes = config.Int("classes", 1000), top = config.Int("top_k", 5);
        // the case's own rule
        var indices = Tensor.Cat([.. Enumerable.Range(0, top).Select(rank => (inputs["classes"] + 197 * rank).Remainder(classes))], 1);
        var dense = LabelMaps.Dense(inputs["scores"], indices, classes);
        return new() { ["relabel"] = LabelPooling.Pool(dense, inputs["box"]), ["map_mean"] = dense.Mean([2, 3]) };
    }

    private static Dictionary<string, Tensor> Map(Config config, ParityInputs inputs)
    {
        var map = LabelMaps.Annotate(inputs["features"], inputs["weight"], inputs.Has("bias") ? inputs["bias"] : null);
        var (scores, classes) = LabelMaps.Top(map, config.Int("top_k", 5));
        return new() { ["map"] = map, ["top_values"] = scores, ["top_indices"] = classes, ["logits"] = map.Mean([2, 3]) };
    }

    private static Dictionary<string, Tensor> Mixed(Config config, ParityInputs inputs)
    {
        var pictures = inputs["images"];
        var box = CutMixBox.Of((int)pictures.Size(2), (int)pictures.Size(3), config.Double("lam"), config.Int("cx"), config.Int("cy"));
        var (mixed, targets) = SoftCutMix.Apply(pictures, inputs["target"].Softmax(1), inputs["perm"], box, config.Double("smoothing", 0));
        return new() { ["images"] = mixed, ["target"] = targets, ["lam"] = Tensor.From([box.Kept]).Reshape([]) };
    }

    private static Dictionary<string, Tensor> Rates(Config config, ParityInputs inputs)
    {
        var decay = config.String("lr_decay_type", "cos") switch
        {
            "cos" => ReLabelDecay.Cosine,
            "linear" => ReLabelDecay.Linear,
            "default" => ReLabelDecay.Steps,
            var other => throw new ArgumentException($"ReLabel has no schedule '{other}'"),
        };
        var schedule = ReLabelTraining.Schedule(config.Int("steps_per_epoch"), config.Int("epochs"), config.Int("warmup_epochs", 5),
            config.Double("lr", 0.1), config.Double("warmup_lr", 0), decay);
        return new()
        { ["lr"] = Tensor.From(inputs["step"].To(DType.Float64).ToArray<double>().Select(step => schedule.At((long)step)).ToArray()) };
    }
}
