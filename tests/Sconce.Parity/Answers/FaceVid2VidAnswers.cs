using System.Globalization;
using Sconce.Adversarial;
using Sconce.Nn;
using Sconce.Systems.Video.FaceVid2Vid;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Talking heads from keypoints in space: estimators, motion field, painters, discriminator, losses.</summary>
internal sealed class FaceVid2VidAnswers : ParityAnswers
{
    internal override string System => "face_vid2vid";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "AntiAliasInterpolation2d" => ParityAnswer.Of(new AntiAliasedShrink(config.Int("channels", 3), config.Double("scale"))),
            "KPDetector" => Detector(config),
            "HEEstimator" => Estimator(config),
            "DenseMotionNetwork" => Motion(config),
            "OcclusionAwareGenerator" => Generator(config, isSpade: false),
            "OcclusionAwareSPADEGenerator" => Generator(config, isSpade: true),
            "MultiScaleDiscriminator" => Discriminator(config),
            "keypoint_transformation" => ParityAnswer.Of(inputs => Transformation(config, inputs)),
            "spectral_norm" => ParityAnswer.Of(inputs => SpectralNorms(config, inputs)),
            "hinge_gan" => ParityAnswer.Of(inputs => Hinge(config, inputs)),
            "generator_losses" => ParityAnswer.Of(inputs => HeadLosses(config, inputs)),
            _ => null,
        };
    }

    private static ParityAnswer Detector(Config config)
    {
        var detector = new KeypointDetector(new KeypointDetectorConfig
        {
            Keypoints = config.Int("num_kp", 15),
            ImageChannels = config.Int("image_channel", 3),
            Width = config.Int("block_expansion", 32),
            MaxWidth = config.Int("max_features", 1024),
            Levels = config.Int("num_blocks", 5),
            VolumeChannels = config.Int("reshape_channel", 16384),
            VolumeDepth = config.Int("reshape_depth", 16),
            Temperature = config.Double("temperature", 0.1),
            Scale = config.Double("scale_factor", 1),
            HasJacobian = config.Bool("estimate_jacobian", false),
            SharesJacobian = config.Bool("single_jacobian_map", false),
        });
        return new ParityAnswer(detector, inputs =>
        {
            var keypoints = detector.Call(inputs["x"]);
            var outputs = new Dictionary<string, Tensor> { ["value"] = keypoints.Value };
            if (keypoints.Jacobian is { } jacobian) outputs["jacobian"] = jacobian;
            return outputs;
        });
    }

    private static ParityAnswer Estimator(Config config)
    {
        var estimator = new HeadEstimator(
            config.Int("num_kp", 15), config.Int("block_expansion", 64), config.Int("num_bins", 66), config.Int("image_channel", 3));
        return new ParityAnswer(estimator, inputs =>
        {
            var head = estimator.Call(inputs["x"]);
            return new()
            {
                ["yaw"] = head.Yaw,
                ["pitch"] = head.Pitch,
                ["roll"] = head.Roll,
                ["t"] = head.Translation,
                ["exp"] = head.Expression,
            };
        });
    }

    private static MotionFieldConfig MotionConfig(Config config) => new()
    {
        Width = config.Int("block_expansion", 32),
        MaxWidth = config.Int("max_features", 1024),
        Levels = config.Int("num_blocks", 5),
        Depth = config.Int("reshape_depth", 16),
        Compressed = config.Int("compress", 4),
    };

    private static Keypoints Driving(ParityInputs inputs) => Named(inputs, "driving");

    private static Keypoints Source(ParityInputs inputs) => Named(inputs, "source");

    private static Keypoints Named(ParityInputs inputs, string name) =>
        new(inputs[$"kp_{name}"], inputs.Has($"jacobian_{name}") ? inputs[$"jacobian_{name}"] : null);

    private static ParityAnswer Motion(Config config)
    {
        var field = new MotionField(
            config.Int("num_kp", 15), config.Int("feature_channel", 32), MotionConfig(config),
            config.Bool("estimate_occlusion_map", false));
        return new ParityAnswer(field, inputs =>
        {
            Keypoints driving = Driving(inputs), source = Source(inputs);
            var motions = MotionField.SparseMotions(inputs["feature"], driving, source);
            var seen = field.Call(inputs["feature"], driving, source);
            var outputs = new Dictionary<string, Tensor>
            {
                ["sparse_motion"] = motions,
                ["deformed_feature"] = MotionField.Deformed(inputs["feature"], motions),
                ["heatmap"] = MotionField.Heatmaps(inputs["feature"], driving, source),
                ["mask"] = seen.Mask,
                ["deformation"] = seen.Deformation,
            };
            if (seen.Occlusion is { } occlusion) outputs["occlusion_map"] = occlusion;
            return outputs;
        });
    }

    private static ParityAnswer Generator(Config config, bool isSpade)
    {
        var generator = new FaceGenerator(new FaceGeneratorConfig
        {
            Keypoints = config.Int("num_kp", 15),
            ImageChannels = config.Int("image_channel", 3),
            Width = config.Int("block_expansion", 64),
            MaxWidth = config.Int("max_features", 512),
            Halvings = config.Int("num_down_blocks", 2),
            VolumeChannels = config.Int("reshape_channel", 32),
            VolumeDepth = config.Int("reshape_depth", 16),
            Blocks = config.Int("num_resblocks", 6),
            HasOcclusion = config.Bool("estimate_occlusion_map", false),
            Motion = MotionConfig(config.Child("dense_motion_params")),
            IsSpade = isSpade,
            IsSpectral = false, // folded away in the cases
        });
        return new ParityAnswer(generator, inputs =>
        {
            var painted = generator.Call(inputs["source_image"], Driving(inputs), Source(inputs));
            var outputs = new Dictionary<string, Tensor> { ["mask"] = painted.Motion.Mask, ["prediction"] = painted.Picture };
            if (painted.Motion.Occlusion is { } occlusion) outputs["occlusion_map"] = occlusion;
            return outputs;
        });
    }

    private static ParityAnswer Discriminator(Config config)
    {
        double[] scales = config.Doubles("scales");
        var discriminator = new MultiScaleDiscriminator(scales, new FaceDiscriminatorConfig
        {
            ImageChannels = config.Int("num_channels", 3),
            Width = config.Int("block_expansion", 64),
            MaxWidth = config.Int("max_features", 512),
            Blocks = config.Int("num_blocks", 4),
            IsSpectral = false, // folded away in the cases
        });
        return new ParityAnswer(discriminator, inputs =>
        {
            var judged = discriminator.Judge(scales.ToDictionary(scale => scale, scale => inputs[$"p_{Name(scale)}"]));
            var outputs = new Dictionary<string, Tensor>();
            foreach (var (scale, judgement) in scales.Zip(judged))
            {
                for (int k = 0; k < judgement.Features.Count; k++) outputs[$"feature_maps_{Name(scale)}_{k}"] = judgement.Features[k];
                outputs[$"prediction_map_{Name(scale)}"] = judgement.Judgement;
            }

            return outputs;
        });

        static string Name(double scale) => scale.ToString(CultureInfo.InvariantCulture);
    }

    private static Dictionary<string, Tensor> Transformation(Config config, ParityInputs inputs)
    {
        double scale = config.Double("logit_scale", 1);
        var head = new HeadState(
            inputs["yaw"] * scale, inputs["pitch"] * scale, inputs["roll"] * scale, inputs["t"], inputs["exp"]);
        var moved = HeadMotion.Apply(new Keypoints(inputs["kp"], inputs.Has("jacobian") ? inputs["jacobian"] : null), head);
        var outputs = new Dictionary<string, Tensor> { ["value"] = moved.Value, ["yaw_deg"] = HeadMotion.Degrees(head.Yaw) };
        if (moved.Jacobian is { } jacobian) outputs["jacobian"] = jacobian;
        return outputs;
    }

    private static Dictionary<string, Tensor> SpectralNorms(Config config, ParityInputs inputs)
    {
        var weight = inputs["weight"];
        var matrix = weight.Transpose(0, config.Int("dim", 0));
        matrix = matrix.Reshape([matrix.Size(0), -1]);
        double eps = config.Double("eps", 1e-12);
        var (u, v) = SpectralNorm.SingularVectors(
            matrix.Detach(), Functional.Normalize(inputs["u"], 0, eps), config.Int("n_power_iterations", 1), eps);
        var sigma = u.Dot(matrix.Mv(v));
        return new() { ["weight"] = weight / sigma, ["sigma"] = sigma, ["u"] = u, ["v"] = v };
    }

    private static Dictionary<string, Tensor> Hinge(Config config, ParityInputs inputs) => new()
    {
        ["disc"] = GanLoss.Hinge.OfDiscriminator(inputs["real"], inputs["fake"]),
        ["gen"] = GanLoss.Hinge.OfGenerator(inputs["fake"]),
        ["feature_matching"] =
            FaceLosses.FeatureMatching([inputs["f_real"]], [inputs["f_fake"]]) * config.Double("feature_matching_weight", 10),
    };

    private static Dictionary<string, Tensor> HeadLosses(Config config, ParityInputs inputs)
    {
        Config weights = config.Child("loss_weights"), transform = config.Child("transform_params");
        var canonical = new Keypoints(inputs["kp"]);
        HeadState head = Head(""), transformed = Head("_t");
        var bend = FrameBend.Of(
            inputs["theta_noise"] * transform.Double("sigma_affine", 0.05),
            inputs["control_params"] * transform.Double("sigma_tps", 0.005));
        var driving = HeadMotion.Apply(canonical, head);
        var teacher = new HeadAngles(
            HeadMotion.Degrees(inputs["yaw_g"]), HeadMotion.Degrees(inputs["pitch_g"]), HeadMotion.Degrees(inputs["roll_g"]));
        return new()
        {
            ["equivariance_value"] = FaceLosses.Equivariance(driving, HeadMotion.Apply(canonical, transformed), bend)
                * weights.Double("equivariance_value", 10),
            ["keypoint"] = FaceLosses.Spread(driving, config.Double("keypoint_distance", 0.1), config.Double("keypoint_depth", 0.33))
                * weights.Double("keypoint", 10),
            ["headpose"] = FaceLosses.HeadPose(HeadAngles.Of(head), teacher) * weights.Double("headpose", 20),
            ["expression"] = FaceLosses.Expression(inputs["exp"]) * weights.Double("expression", 5),
            ["transformed_frame"] = bend.Apply(inputs["driving"]),
        };

        HeadState Head(string suffix) => new(
            inputs["yaw" + suffix], inputs["pitch" + suffix], inputs["roll" + suffix], inputs["t" + suffix], inputs["exp" + suffix]);
    }
}
