using Sconce.Nn.Backbones;
using Sconce.Systems.DensePrediction.DepthSegmentation;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Segmentation with self-supervised depth: networks, losses, mixing, choice of labels.</summary>
internal sealed class DepthSegmentationAnswers : ParityAnswers
{
    internal override string System => "depth_segmentation";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "depth_decoder" => DecoderAnswer(config),
            "pose_decoder" => Pose(config),
            "joint_seg_depth_dec" or "mtl_pad" => Network(config, question.Model == "mtl_pad"),
            "ssim_loss" => ParityAnswer.Of(inputs => new()
            {
                ["ssim"] = PhotometricError.Dissimilarity(
                    inputs["x"], inputs["y"], config.Double("C1", 1e-4), config.Double("C2", 9e-4), config.Int("window", 3)),
            }),
            "smooth_loss" => ParityAnswer.Of(inputs => new()
            {
                ["raw"] = PhotometricError.Unevenness(inputs["disp"], inputs["img"]),
                ["normalised"] = PhotometricError.Unevenness(PhotometricError.Normalized(inputs["disp"]), inputs["img"]),
            }),
            "disp_to_depth" => ParityAnswer.Of(inputs =>
            {
                var (scaled, depth) = MonodepthLoss.ToDepth(
                    inputs["disp"], config.Double("min_depth", 0.1), config.Double("max_depth", 100));
                return new() { ["scaled_disp"] = scaled, ["depth"] = depth };
            }),
            "transformation_from_parameters" => ParityAnswer.Of(inputs => new()
            {
                ["T"] = CameraTransform.Of(inputs["axisangle"], inputs["translation"]),
                ["T_inv"] = CameraTransform.Of(inputs["axisangle"], inputs["translation"], inverse: true),
            }),
            "monodepth_loss" => ParityAnswer.Of(inputs => Monodepth(config, inputs)),
            "berhu" => ParityAnswer.Of(inputs => BerHu(config, inputs)),
            "pixel_entropy" => ParityAnswer.Of(
                inputs => new() { ["entropy"] = DepthDistances.Entropy(inputs["logits"], config.Bool("normalize", false)) }),
            "depthmix" => ParityAnswer.Of(inputs => Mix(config, inputs)),
            "pseudo_label_loss" => ParityAnswer.Of(inputs => PseudoLabel(config, inputs)),
            "iterative_farthest_point" => ParityAnswer.Of(inputs => Selection(config, inputs)),
            _ => null,
        };
    }

    private static DepthDecoderConfig Decoder(Config config)
    {
        bool hasAspp = config.Bool("intermediate_aspp", config.Bool("aspp", false));
        return new DepthDecoderConfig
        {
            Widths = config.Ints("num_ch_dec"),
            Scales = config.Has("scales") ? config.Ints("scales") : [0, 1, 2, 3],
            Outputs = config.Int("num_output_channels", 1),
            UseSkips = config.Bool("use_skips", true),
            AsppRates = !hasAspp ? null : config.Has("aspp_rates") ? config.Ints("aspp_rates") : [6, 12, 18],
            AsppPooling = config.Bool("aspp_pooling", true),
            FirstStage = config.Int("n_upconv", 4),
            Norm = config.Bool("batch_norm", false),
            Dropout = config.Double("dropout", 0),
            SkipWidth = config.Int("n_project_skip_ch", -1) is > 0 and var width ? width : null,
        };
    }

    private static ParityAnswer DecoderAnswer(Config config)
    {
        var decoder = new DepthDecoder(config.Ints("num_ch_enc"), Decoder(config));
        return new ParityAnswer(decoder, inputs =>
        {
            var decoded = decoder.Decode([.. Enumerable.Range(0, 5).Select(k => inputs[$"f{k}"])]);
            var outputs = new Dictionary<string, Tensor>();
            for (int stage = decoded.Maps.Count - 1; stage >= 0; stage--)
            {
                if (decoded.Maps[stage] is { } map) outputs[$"upconv_{stage}"] = map;
                if (decoded.Disparities[stage] is { } disparity) outputs[$"disp_{stage}"] = disparity;
            }

            return outputs;
        });
    }

    private static ParityAnswer Pose(Config config)
    {
        var decoder = new PoseDecoder(
            config.Int("num_ch_enc_last", 512), config.Int("num_input_features", 1), config.Int("num_frames", 2), config.Int("stride", 1));
        return new ParityAnswer(decoder, inputs =>
        {
            int count = config.Int("num_input_features", 1);
            var maps = inputs.Has("f") ? [inputs["f"]] : Enumerable.Range(0, count).Select(k => inputs[$"f{k}"]).ToArray();
            var motion = decoder.Motion(maps);
            return new() { ["axisangle"] = motion.AxisAngle, ["translation"] = motion.Translation };
        });
    }

    private static ParityAnswer Network(Config config, bool isMultiTask)
    {
        bool[] dilated = config.Has("replace_stride_with_dilation")
            ? [.. config.List("replace_stride_with_dilation").Select(value => value.GetBoolean())]
            : [false, false, false];
        var network = new DepthSegmentationNetwork(new DepthSegmentationConfig
        {
            Backbone = ResNetConfiguration.Of(config.String("backbone")) with
            {
                ReplaceStrideWithDilation = (dilated[0], dilated[1], dilated[2]),
            },
            Decoder = Decoder(config),
            Classes = config.Int("classes", 19),
            MultiTask = isMultiTask ? MultiTask(config) : null,
            Segmentation = isMultiTask ? null : Head(config),
        });
        return new ParityAnswer(network, inputs =>
        {
            var seen = network.Predict(inputs["x"]);
            if (!isMultiTask) return new() { ["out"] = seen.Semantics! };
            var outputs = new Dictionary<string, Tensor> { ["semantics"] = seen.Semantics! };
            if (seen.SideSemantics is { } side) outputs["intermediate_semantics"] = side;
            for (int stage = 0; stage < seen.Disparities.Count; stage++)
            {
                if (seen.Disparities[stage] is { } disparity) outputs[$"disp_{stage}"] = disparity;
            }

            return outputs;
        });
    }

    private static MultiTaskConfig MultiTask(Config config) => new()
    {
        ExchangeLayer = config.Int("distillation_layer", 7),
        FinalLayer = config.Int("final_layer", 9),
        OutputStride = config.Int("output_stride", 1),
        HasSideOutput = config.Bool("side_output", true),
    };

    private static SegmentationHeadConfig Head(Config config) => new()
    {
        Layers = config.Has("layers") ? config.Ints("layers") : [9],
        LayerWidth = config.Int("layer_out_channels", 64),
        InnerWidth = config.Int("head_inter_channels", 64),
        HasInner = config.Bool("head_inter", true),
        InnerDropout = config.Double("head_dropout", 0.1),
        LayerDropout = config.Double("layer_dropout", 0),
        OutputStride = config.Int("output_stride", 1),
    };

    private static Dictionary<string, Tensor> Monodepth(Config config, ParityInputs inputs)
    {
        int scales = config.Int("scales", 4);
        var told = inputs["color_0"];
        float height = told.Size(2), width = told.Size(3);
        var intrinsics = Tensor.From(
            [0.58f * width, 0, 0.5f * width, 0, 0, 1.92f * height, 0.5f * height, 0, 0, 0, 1, 0, 0, 0, 0, 1], [1, 4, 4]);
        int[] frames = [.. config.Ints("frame_ids").Where(frame => frame != 0)];
        var loss = new MonodepthLoss
        {
            MinDepth = config.Double("min_depth", 0.1),
            MaxDepth = config.Double("max_depth", 100),
            Smoothness = config.Double("disparity_smoothness", 1e-3),
            HasAutoMask = config.Bool("automask", true),
            IsAveraged = config.Bool("avg_reprojection", false),
            HasStructure = !config.Bool("no_ssim", false),
            TieNoise = 0,
        };
        var result = loss.Compute(
            [.. Enumerable.Range(0, scales).Select(scale => inputs[$"disp{scale}"])],
            [.. Enumerable.Range(0, scales).Select(scale => scale == 0 ? told : told.AvgPool2d([1L << scale, 1L << scale]))],
            [.. frames.Select(frame => new NeighbourFrame(
                inputs[$"color_{Name(frame)}"],
                CameraTransform.Of(inputs[$"axisangle_{Name(frame)}"], inputs[$"translation_{Name(frame)}"], frame < 0)))],
            intrinsics,
            Functional.LinalgInv(intrinsics));
        var outputs = new Dictionary<string, Tensor> { ["loss"] = result.Loss, ["depth"] = result.Depths[0] };
        for (int scale = 0; scale < scales; scale++) outputs[$"loss{scale}"] = result.Scales[scale];
        for (int k = 0; k < frames.Length; k++) outputs[$"warp_{Name(frames[k])}"] = result.Warps[k == 0 ? 0 : scales - 1][k];
        if (result.Selections.Count > 0) outputs["identity_selection"] = result.Selections[0];
        return outputs;

        static string Name(int frame) => frame < 0 ? $"m{-frame}" : $"p{frame}";
    }

    private static Dictionary<string, Tensor> BerHu(Config config, ParityInputs inputs)
    {
        double threshold = config.Double("threshold", 0.2);
        var mask = inputs["mask"].To(inputs["pred"].DType);
        return new()
        {
            ["plain"] = DepthDistances.BerHu(inputs["pred"], inputs["target"], mask, threshold),
            ["log"] = DepthDistances.BerHu(inputs["pred"], inputs["target"], mask, threshold, isLogarithmic: true),
        };
    }

    private static Dictionary<string, Tensor> Mix(Config config, ParityInputs inputs)
    {
        var rule = new DepthMix { Margin = config.Double("margin", 0.03), Foreground = config.Double("foreground_threshold", 0) };
        var mask = rule.Mask(inputs["disp"]);
        var mixed = DepthMix.Mixed((inputs["probs"] * 4).Softmax(1), mask);
        var (classes, weight) = PseudoLabels.Of(mixed, config.Double("threshold", 0.968));
        return new()
        {
            ["mask"] = mask.Squeeze(1),
            ["images"] = DepthMix.Mixed(inputs["images"], mask),
            ["probs"] = mixed,
            ["pseudo_label"] = classes,
            ["weight"] = weight,
        };
    }

    private static Dictionary<string, Tensor> PseudoLabel(Config config, ParityInputs inputs)
    {
        var (classes, weight) = PseudoLabels.Of((inputs["probs"] * 4).Softmax(1), config.Double("threshold", 0.968));
        return new() { ["loss"] = PseudoLabels.Loss(inputs["logits"], classes, weight), ["weight"] = weight };
    }

    private static Dictionary<string, Tensor> Selection(Config config, ParityInputs inputs)
    {
        int[] labelled = config.Ints("current");
        int count = config.Int("n_new");
        var distances = LabelSelection.Distances(inputs["features"], config.Bool("normalize", false));
        double bias = config.Double("bias_weight", 0);
        if (bias > 0) distances = LabelSelection.Biased(distances, inputs["uncertainty"], labelled, bias);
        var candidates = config.Bool("preselect", false)
            ? LabelSelection.LeastCertain(
                inputs["uncertainty"].To(DType.Float64).ToArray<double>(), labelled, (int)(config.Double("multiplier") * count))
            : null;
        var chosen = LabelSelection.Farthest(distances, labelled, count, candidates);
        var outputs = new Dictionary<string, Tensor>
        {
            ["selected"] = Tensor.From([.. chosen.Chosen.Select(picture => (double)picture)]),
            ["distance"] = Tensor.From([.. chosen.Distances]),
            ["pairwise"] = distances,
        };
        if (candidates is not null) outputs["preselected"] = Tensor.From([.. candidates.Select(picture => (double)picture)]);
        return outputs;
    }
}
