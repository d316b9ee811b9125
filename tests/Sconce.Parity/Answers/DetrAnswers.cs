using System.Text.Json;
using Sconce.Data;
using Sconce.Maths;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;
using Sconce.Systems.Detection.Detr;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>DETR: whole networks, the transformer, positions, matching, losses, boxes.</summary>
internal sealed class DetrAnswers : ParityAnswers
{
    internal override string System => "detr";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "generalized_box_iou" => ParityAnswer.Of(inputs =>
            {
                Tensor a = Boxes.ToCorners(inputs["a"]), b = Boxes.ToCorners(inputs["b"]);
                return new() { ["giou"] = Boxes.PairwiseGeneralizedIou(a, b), ["iou"] = Boxes.PairwiseIou(a, b) };
            }),
            "hungarian_matcher" => ParityAnswer.Of(inputs => Matched(config, inputs)),
            "set_criterion" => ParityAnswer.Of(inputs => Losses(config, inputs)),
            "mask_losses" => ParityAnswer.Of(inputs => new()
            {
                ["focal"] = MaskLosses.Focal(inputs["logits"], inputs["targets"], config.Double("num_boxes"), config.Double("alpha", 0.25),
                    config.Double("gamma", 2)).Reshape([1]),
                ["dice"] = MaskLosses.Dice(inputs["logits"], inputs["targets"], config.Double("num_boxes")).Reshape([1]),
            }),
            "postprocess" => ParityAnswer.Of(inputs =>
            {
                var (scores, labels, boxes) = DetrPostProcess.Apply(inputs["logits"], inputs["boxes"].Sigmoid(), inputs["sizes"]);
                return new() { ["scores"] = scores, ["labels"] = labels, ["boxes"] = boxes };
            }),
            "position_embedding_sine" => ParityAnswer.Of(inputs =>
                new() { ["out"] = Sine(config, "", config.Int("num_pos_feats")).Compute(inputs["mask"].To(DType.Bool)) }),
            "position_embedding_learned" => Learned(config),
            "detr_transformer" => TransformerAlone(config),
            _ => config.Has("backbone") ? Network(config) : null,
        };
    }

    private static ParityAnswer Learned(Config config)
    {
        var positions = new LearnedPositions(config.Int("num_pos_feats", 256));
        return new ParityAnswer(positions, inputs =>
        {
            var map = inputs.Has("x") ? inputs["x"] : inputs["mask"];
            return new() { ["out"] = positions.Call(map).Expand([map.Size(0), -1, -1, -1]) };
        });
    }

    private static ParityAnswer Network(Config config)
    {
        var read = new DetrConfig
        {
            Trunk = ResNetConfiguration.Of(config.String("backbone")),
            Dilation = config.Bool("dilation", false),
            Classes = config.Int("num_classes", 91),
            Queries = config.Int("num_queries", 100),
            Transformer = new DetrTransformerConfig
            {
                Width = config.Int("hidden_dim", 256),
                Heads = config.Int("nheads", 8),
                EncoderLayers = config.Int("enc_layers", 6),
                DecoderLayers = config.Int("dec_layers", 6),
                FeedForward = config.Int("dim_feedforward", 2048),
                Dropout = config.Double("dropout", 0.1),
                Activation = Activation(config),
                PreNorm = config.Bool("pre_norm", false),
                NormEps = config.Double("layer_norm_eps", 1e-5),
            },
            Positions = config.String("position_embedding", "sine") is "learned" or "v3" ? PositionKind.Learned : PositionKind.Sine,
            Sine = Sine(config, "sine_", 128),
            Auxiliary = config.Bool("aux_loss", true),
            FrozenNormEps = config.Double("frozen_bn_eps", 1e-5),
        };
        Module<PaddedImages, DetrOutput> network = config.Bool("masks", false) ? new DetrSegmentation(read) : new DetrModel(read);
        return new ParityAnswer(network, inputs =>
        {
            var output = network.Call(new PaddedImages(inputs["x"], inputs.Has("mask") ? inputs["mask"].To(DType.Bool) : null));
            var answers = new Dictionary<string, Tensor> { ["pred_logits"] = output.Logits, ["pred_boxes"] = output.Boxes };
            for (int k = 0; k < output.Earlier.Count; k++)
                (answers[$"aux{k}_logits"], answers[$"aux{k}_boxes"]) = (output.Earlier[k].Logits, output.Earlier[k].Boxes);
            if (output.Masks is { } masks) answers["pred_masks"] = masks;
            return answers;
        });
    }

    private static ParityAnswer TransformerAlone(Config config)
    {
        var transformer = new DetrTransformer(new DetrTransformerConfig
        {
            Width = config.Int("d_model", 512),
            Heads = config.Int("nhead", 8),
            EncoderLayers = config.Int("num_encoder_layers", 6),
            DecoderLayers = config.Int("num_decoder_layers", 6),
            FeedForward = config.Int("dim_feedforward", 2048),
            Dropout = config.Double("dropout", 0.1),
            Activation = Activation(config),
            PreNorm = config.Bool("normalize_before", false),
            NormEps = config.Double("layer_norm_eps", 1e-5),
        });
        var module = new ModuleDictionary<DetrTransformer> { ["transformer"] = transformer };
        return new ParityAnswer(module, inputs =>
        {
            var mask = inputs.Has("mask") ? inputs["mask"].To(DType.Bool) : null;
            var (states, memory) = transformer.Call(new TransformerInput(inputs["src"], mask, inputs["query"], inputs["pos"]));
            return new() { ["hs"] = config.Bool("return_intermediate_dec", true) ? states : states[^1..], ["memory"] = memory };
        });
    }

    private static Dictionary<string, Tensor> Matched(Config config, ParityInputs inputs)
    {
        var matcher = Matcher(config);
        var targets = Targets(config);
        var answer = new DetrPrediction(inputs["logits"], inputs["boxes"].Sigmoid());
        var matchings = matcher.Match(answer, targets);
        var outputs = new Dictionary<string, Tensor>
        {
            ["cost"] = matcher.Cost(answer.Logits, answer.Boxes, Tensor.Cat([.. targets.Select(target => target.Labels)], 0),
                Tensor.Cat([.. targets.Select(target => target.Boxes)], 0)),
        };
        for (int k = 0; k < matchings.Count; k++)
        {
            outputs[$"query{k}"] = Tensor.From(matchings[k].Queries.Select(query => query + 1f).ToArray());
            outputs[$"target{k}"] = Tensor.From(matchings[k].Targets.Select(target => target + 1f).ToArray());
        }

        return outputs;
    }

    private static Dictionary<string, Tensor> Losses(Config config, ParityInputs inputs)
    {
        var weights = config.Child("weights");
        var criterion = new SetCriterion(config.Int("num_classes"), Matcher(config))
        {
            NoObjectWeight = config.Double("eos_coef", 0.1),
            Weights = new DetrLossWeights(weights.Double("loss_ce", 0), weights.Double("loss_bbox", 0), weights.Double("loss_giou", 0),
                weights.Double("loss_mask", 0), weights.Double("loss_dice", 0)),
        };
        var output = new DetrOutput(inputs["logits"], inputs["boxes"].Sigmoid());
        if (inputs.Has("aux_logits"))
            output = output with { Earlier = [new DetrPrediction(inputs["aux_logits"], inputs["aux_boxes"].Sigmoid())] };
        var losses = criterion.Compute(output, Targets(config));
        var outputs = losses.Parts.ToDictionary(part => part.Key, part => part.Value.Reshape([1]));
        outputs["total"] = losses.Total.Reshape([1]);
        return outputs;
    }

    private static HungarianMatcher Matcher(Config config) =>
        new()
        {
            ClassCost = config.Double("cost_class", 1),
            BoxCost = config.Double("cost_bbox", 1),
            GiouCost = config.Double("cost_giou", 1)
        };

    private static DetectionTarget[] Targets(Config config) => [.. config.List("targets").Select(target =>
    {
        long[] labels = [.. target.GetProperty("labels").EnumerateArray().Select(label => label.GetInt64())];
        float[] boxes = [.. target.GetProperty("boxes").EnumerateArray().SelectMany(box => box.EnumerateArray())
            .Select(edge => (float)edge.GetDouble())];
        return labels.Length > 0 ? new DetectionTarget(Tensor.From(labels), Tensor.From(boxes, [labels.Length, 4]))
            : new DetectionTarget(Tensor.Zeros([0], DType.Int64), Tensor.Zeros([0, 4]));
    })];

    private static SinePositions Sine(Config config, string prefix, int features) => new(features)
    {
        Temperature = config.Double(prefix + "temperature", 10_000),
        Normalize = config.Bool(prefix + "normalize", prefix.Length > 0),
        Scale = Number(config, prefix + "scale", 2 * Math.PI),
        Eps = config.Double(prefix + "eps", 1e-6),
    };

    /// <summary>A number, or <c>2*pi</c>.</summary>
    private static double Number(Config config, string name, double otherwise)
    {
        if (!config.Has(name)) return otherwise;
        var value = config.Element.GetProperty(name);
        return value.ValueKind != JsonValueKind.String ? value.GetDouble() : value.GetString() == "2*pi"
            ? 2 * Math.PI : double.Parse(value.GetString()!, global::System.Globalization.CultureInfo.InvariantCulture);
    }

    private static TransformerActivation Activation(Config config) => config.String("activation", "relu") switch
    {
        "relu" => TransformerActivation.Relu,
        "gelu" => TransformerActivation.Gelu,
        var other =>
            throw new ArgumentException($"activation '{other}' is not built here: gated units halve the width that the next layer expects"),
    };
}
