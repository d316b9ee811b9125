using Sconce.Maths;
using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Systems.Detection.Tsp;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>TSP-FCOS and TSP-RCNN: networks, assignment, losses, detections, matching, positions.</summary>
internal sealed class TspAnswers : ParityAnswers
{
    internal override string System => "tsp";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "tsp_fcos" => Fcos(config),
            "tsp_fcos_losses" => ParityAnswer.Of(inputs => FcosLosses(config, inputs)),
            "tsp_fcos_postprocess" => ParityAnswer.Of(inputs => FcosDetections(config, inputs)),
            "hungarian_matcher" => ParityAnswer.Of(inputs => Matched(config, inputs)),
            "position_embedding_sine" => ParityAnswer.Of(inputs => new() { ["out"] = Sine(config).Compute(inputs["mask"].To(DType.Bool)) }),
            "tsp_rcnn_rpn" => Proposals(config),
            "tsp_rcnn_head" => Head(config),
            "tsp_rcnn_losses" => ParityAnswer.Of(inputs => RcnnLosses(config, inputs)),
            _ => null,
        };
    }

    private static ParityAnswer Fcos(Config config)
    {
        var network = new TspFcos(new TspFcosConfig
        {
            Backbone = Backbone(config),
            Classes = config.Int("num_classes"),
            Towers = (config.Int("num_cls_convs", 4), config.Int("num_box_convs", 4)),
            Features = config.Int("num_proposal", 700),
            Strides = config.Has("fpn_strides") ? config.Ints("fpn_strides") : [8, 16, 32, 64, 128],
            Encoder = Encoder(config),
            PixelMean = config.Doubles("pixel_mean_bgr"),
            PixelStd = config.Doubles("pixel_std"),
        });
        return new ParityAnswer(network, inputs =>
        {
            var names = Enumerable.Range(0, int.MaxValue).Select(k => $"image{k}").TakeWhile(inputs.Has);
            var pictures = names.Select(name => (inputs[name] * 127.5) + 127.5);
            var output = network.Call([.. pictures]);
            var order = output.Places.Argsort(1);
            Tensor Sorted(Tensor rows) => rows.Gather(1, order.Unsqueeze(2).Expand([-1, -1, rows.Size(2)]));
            var answers = new Dictionary<string, Tensor>
            {
                ["foi_level"] = output.Levels.Gather(1, order),
                ["foi_xy"] = Sorted(output.Locations),
                ["logits"] = Sorted(output.Logits),
                ["ltrb"] = Sorted(output.Sides),
                ["ctrness"] = Sorted(output.Centreness),
            };
            for (int level = 0; level < output.Pyramid.Count; level++)
            {
                answers[$"p{level + 3}"] = output.Pyramid[level];
                answers[$"local_logits_p{level + 3}"] = output.Dense[level];
            }

            return answers;
        });
    }

    private static Dictionary<string, Tensor> FcosLosses(Config config, ParityInputs inputs)
    {
        int classes = config.Int("num_classes"), selected = config.Int("num_selected");
        int[] image = config.Ints("image");
        FcosGrid[] grids =
            [.. config.List("levels").Select(level => new FcosGrid(level[0].GetInt32(), level[1].GetInt32(), level[2].GetInt32()))];
        int pictures = (int)inputs["logits"].Size(0);
        var objects = Enumerable.Range(0, pictures).Select(
            k => (Labels: inputs[$"cls{k}"], Boxes: RawBoxes.Of(inputs[$"box{k}"], image))).ToArray();
        var assignment = new FcosAssignment
        {
            Radius = config.Double("center_sampling_radius", 1.5),
            Sizes = config.Doubles("sizes_of_interest"),
        };
        var targets = assignment.Assign(grids, [.. objects.Select(entry => FcosObjects.Of(entry.Boxes, entry.Labels))], classes);
        var places = Selected(targets, inputs["order"], selected);
        var sides = (inputs["ltrb_raw"] + 1.2).Relu();
        var dense = inputs["local_logits"].Transpose(1, 2).Reshape([-1, classes]);
        var answers = FcosAnswers.Of(places, inputs["logits"], sides, inputs["ctrness"], targets.Labels.Size(1));
        var loss = new TspFcosLoss
        {
            FocalAlpha = config.Double("focal_alpha", 0.25),
            FocalGamma = config.Double("focal_gamma", 2),
            GiouWeight = config.Double("giou_weight", 2),
            NoObjectWeight = config.Double("eos_coef", 0.1),
            OwnClassOnly = config.Bool("only_reweight_fg", true),
            Matching = config.Bool("use_obj_loss", true),
            Denominator = config.String("class_denorm_type", "mixed_2x") switch
            {
                "all" => ClassDenominator.All,
                "mixed" => ClassDenominator.Mixed,
                "mixed_2x" => ClassDenominator.MixedTwice,
                "set" => ClassDenominator.Set,
                var other => throw new ArgumentException($"TSP-FCOS has no denominator '{other}'"),
            },
        };
        var losses = loss.Compute(dense, answers, targets);
        if (config.Bool("use_detr_loss", false))
        {
            losses = WithSetLoss(config, losses, targets, places, inputs["logits"], sides, objects, grids);
        }

        return new()
        {
            ["loss_fcos_local_cls"] = losses.Dense,
            ["loss_fcos_cls"] = losses.Classes,
            ["loss_fcos_loc"] = losses.Boxes,
            ["loss_fcos_ctr"] = losses.Centreness,
            ["labels"] = targets.Labels,
            ["positives"] = targets.Positive.Sum([1]),
            ["poi"] = places,
        };
    }

    private static TspFcosLosses WithSetLoss(
        Config config, TspFcosLosses losses, FcosTargets targets, Tensor places, Tensor logits, Tensor sides,
        (Tensor Labels, Tensor Boxes)[] objects, FcosGrid[] grids)
    {
        var strides = Tensor.From(
            grids.SelectMany(grid => Enumerable.Repeat((float)grid.Stride, (int)grid.Count)).ToArray())[places].Unsqueeze(2);
        var boxes = SideDistances.ToCorners(FcosGrid.Locations(grids)[places], sides * strides);
        long positives = targets.Positive.Gather(1, places).Sum().Item<long>();
        var loss = new TspSetLoss { BackgroundWeight = config.Double("eos_coef", 0.1) };
        var (classes, box) = loss.Compute(logits, boxes, objects, positives);
        return losses with { Classes = classes, Boxes = box };
    }

    /// <summary>The case's own rule: positives first, each ascending by their order.</summary>
    private static Tensor Selected(FcosTargets targets, Tensor order, int count)
    {
        int pictures = (int)order.Size(0), cells = (int)order.Size(1);
        long[] labels = targets.Labels.ToArray<long>(), ranks = order.ToArray<long>();
        var places = Enumerable.Range(0, pictures).SelectMany(k => Enumerable.Range(0, cells)
            .OrderBy(cell => labels[(k * cells) + cell] == targets.Classes)
            .ThenBy(cell => ranks[(k * cells) + cell])
            .Take(count)
            .Select(cell => (long)cell));
        return Tensor.From(places.ToArray(), [pictures, count]);
    }

    private static Dictionary<string, Tensor> FcosDetections(Config config, ParityInputs inputs)
    {
        int stride = config.Int("stride");
        var boxes = SideDistances.ToCorners((inputs["xy"] * 64) + 64, (inputs["ltrb"] + 1).Relu() * stride);
        var detections = new TspFcosDetections
        {
            Threshold = config.Double("score_threshold", 0),
            Before = config.Int("pre_nms_top", 1000),
            Overlap = config.Double("nms_threshold", 0.6),
            After = config.Int("post_nms_top", 100),
        };
        var centreness = config.Bool("with_centerness", false) && inputs.Has("ctrness") ? inputs["ctrness"].Reshape([-1]) : null;
        var found = detections.Select(inputs["logits"], boxes, Tensor.Zeros([boxes.Size(0)], DType.Int64), centreness);
        return new() { ["boxes"] = found.Boxes, ["scores"] = found.Scores, ["classes"] = found.Classes };
    }

    private static Dictionary<string, Tensor> Matched(Config config, ParityInputs inputs)
    {
        var matcher = new GiouMatcher
        {
            ClassCost = config.Double("cost_class", 1),
            GiouCost = config.Double("cost_giou", 5),
            Softmax = config.Bool("softmax", true),
        };
        int[] image = [100, 100];
        var pairs = matcher.Match(
            inputs["logits"], RawBoxes.Of(inputs["boxes"], image), inputs["labels"], RawBoxes.Of(inputs["tbox"], image));
        return new()
        {
            ["row"] = Tensor.From(pairs.Select(pair => (float)pair.Prediction).ToArray()),
            ["col"] = Tensor.From(pairs.Select(pair => (float)pair.Target).ToArray()),
        };
    }

    private static SinePositions Sine(Config config) =>
        new(config.Int("num_pos_feats")) { Temperature = config.Double("temperature", 10_000), Normalize = config.Bool("normalize", true) };

    private static ParityAnswer Proposals(Config config)
    {
        var network = new TspRcnnConfig
        {
            Backbone = Backbone(config),
            AnchorSizes =
                [.. config.List("anchor_sizes").Select(level => level.EnumerateArray().Select(size => size.GetDouble()).ToArray())],
            AnchorRatios = config.Doubles("aspect_ratios"),
            ProposalConvolutions = config.Int("rpn_num_conv", 2),
        };
        var backbone = new TspBackbone(network.Backbone);
        var proposals = new TspProposals(network);
        return new ParityAnswer(new ModuleDictionary<Module> { ["backbone"] = backbone, ["proposal_generator"] = proposals }, inputs =>
        {
            Tensor mean = Column(TspPixels.Mean), std = Column(TspPixels.Std);
            var padded = TspPixels.Prepare([(inputs["image"] * 127.5) + 127.5], mean, std);
            var levels = backbone.Call(padded.Images).Levels;
            var answers = new Dictionary<string, Tensor>();
            int finest = network.Backbone.FinestLevel;
            for (int level = 0; level < levels.Count; level++) answers[$"p{level + finest}"] = levels[level];
            Tensor[] read = [.. levels.Skip(3 - finest)];
            var found = proposals.Call(read);
            for (int level = 0; level < found.Count; level++)
            {
                answers[$"anchors_p{level + 3}"] = proposals.AnchorsOf(level, read[level]);
                answers[$"objectness_p{level + 3}"] = found[level].Objectness;
                answers[$"deltas_p{level + 3}"] = found[level].Deltas;
            }

            return answers;
        });
    }

    private static Tensor Column(IReadOnlyList<double> values) => Tensor.From(values.Select(value => (float)value).ToArray(), [3, 1, 1]);

    private static ParityAnswer Head(Config config)
    {
        var heads = new TspRegionHeads(new TspHeadConfig
        {
            Classes = config.Int("num_classes"),
            Channels = config.Int("channels"),
            Bins = config.Int("pooler_resolution", 7),
            InputLayers = config.Int("num_fc", 1),
            InputWidth = config.Int("fc_dim", 1024),
            Positions = config.Bool("use_position_encoding", true),
            Encoder = Encoder(config),
            BoxWeights = config.Doubles("bbox_reg_weights"),
        });
        int[] image = config.Ints("image");
        return new ParityAnswer(heads, inputs =>
        {
            Tensor[] maps = [.. Enumerable.Range(2, 4).Select(level => inputs[$"p{level}"])];
            var names = Enumerable.Range(0, (int)maps[0].Size(0)).Select(k => $"box{k}");
            Tensor[] boxes = [.. names.Select(name => RawBoxes.Of(inputs[name].Detach(), image, 0.05, 0.85))];
            var regions = heads.Call(new TspRegionInput(maps, boxes, [.. boxes.Select(_ => ((long)image[0], (long)image[1]))]));
            return new()
            {
                ["feature"] = regions.Tokens,
                ["scores"] = regions.Logits,
                ["deltas"] = regions.Deltas,
                ["pooled"] = regions.Pooled,
                ["boxes"] = heads.Coder.Decode(regions.Deltas, Tensor.Cat(boxes, 0)),
            };
        });
    }

    private static Dictionary<string, Tensor> RcnnLosses(Config config, ParityInputs inputs)
    {
        int[] image = config.Has("image") ? config.Ints("image") : [128, 160];
        int classes = config.Int("num_classes"), count = (int)inputs["prop"].Size(0);
        double[] weights = config.Doubles("bbox_reg_weights");
        Tensor own = RawBoxes.Of(inputs["prop"], image), objects = RawBoxes.Of(inputs["gtb"], image);
        var owners = inputs["assign"].Remainder(objects.Size(0));
        Tensor targets = objects[owners], near = (targets * 0.9) + (own * 0.1);
        var isPositive = Tensor.Arange(count, DType.Int64).Lt(count / 2);
        var proposals = new AssignedProposals(
            Functional.Where(isPositive.Unsqueeze(1), near, own),
            Functional.Where(isPositive, inputs["cls"][owners], owners.FullLike(classes)),
            owners.ToArray<long>(),
            targets);
        var losses = new TspRcnnLoss
        {
            Coder = new BoxCoder(weights[0], weights[1], weights[2], weights[3]),
            GiouWeight = config.Double("giou_weight", 2),
            L1Weight = config.Double("l1_weight", 1),
            NoObjectWeight = config.Double("eos_coef", 0.1),
            SmoothBeta = config.Double("smooth_l1_beta", 0),
        }.Compute(inputs["scores"], inputs["deltas"], proposals);
        var matched = Tensor.Zeros([count]);
        if (losses.Matched.Size(0) > 0) matched.FillInPlace(1, losses.Matched);
        return new() { ["loss_obj"] = losses.Classes, ["loss_box_reg"] = losses.Boxes, ["matched"] = matched };
    }

    private static TspBackboneConfig Backbone(Config config) => new()
    {
        Depth = config.Int("resnet_depth", 50),
        StrideIn1x1 = config.Bool("stride_in_1x1", true),
        Channels = config.Int("fpn_channels", 256),
        FinestLevel = config.List("fpn_in").First().GetString() == "res2" ? 2 : 3,
        TrainStem = true, // the cases ask the gradients of every parameter
    };

    private static PositionedEncoderConfig Encoder(Config config) => new()
    {
        Width = config.Int("d_model", 512),
        Heads = config.Int("nhead", 8),
        Layers = config.Int("num_encoder_layers", 6),
        FeedForward = config.Int("dim_feedforward", 2048),
        PreNorm = config.Bool("normalize_before", true),
        Activation = config.String("activation", "relu") == "gelu" ? TransformerActivation.Gelu : TransformerActivation.Relu,
    };
}
