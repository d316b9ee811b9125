using System.Globalization;
using System.Text.Json;
using Sconce.Nn;
using Sconce.Nn.Perceptual;
using Sconce.Systems.Generation.CharacterGan;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>CharacterGAN: both players, adaptive scaling, losses, maps of keypoints, the thin-plate warp.</summary>
internal sealed class CharacterGanAnswers : ParityAnswers
{
    internal override string System => "charactergan";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        switch (question.Model)
        {
            case "global_generator":
                var generator = new CharacterGenerator(Read(config));
                return new(generator, inputs => new() { ["out"] = generator.Call(Layers(inputs)) });
            case "multiscale_discriminator":
                var discriminator = Discriminator(config, config.Int("input_nc"));
                return new(discriminator, inputs => Features(discriminator.Call(inputs["x"])));
            case "scale_features":
                var scaling = new AdaptiveScaling(
                    config.Int("norm_nc"), config.Int("num_kp_layers", 3), config.Int("label_nc", 3), config.Int("nhidden", 64));
                return new(scaling, inputs => Scaled(scaling.Call(Numbered(inputs, "f"), Numbered(inputs, "k"))));
            case "losses": return Losses(config);
            case "vgg_loss":
                var loss = new Vgg19Loss(config.Has("weights") ? config.Doubles("weights") : null);
                return new(loss, inputs =>
                    new() { ["loss"] = loss.Call(inputs["x"], inputs["y"]), ["relu5"] = loss.Features(inputs["x"])[4] });
            case "keypoint_maps": return ParityAnswer.Of(inputs => Maps(config, inputs));
            case "tps_warp": return ParityAnswer.Of(inputs => new() { ["out"] = Warped(config, inputs) });
            default: return null;
        }
    }

    private static CharacterConfig Read(Config config) => new()
    {
        Inputs = config.Int("input_nc", 3),
        Outputs = config.Int("output_nc", 3),
        Width = config.Int("ngf", 32),
        Halvings = config.Int("n_downsampling", 4),
        Blocks = config.Int("n_blocks", 9),
        Norm = Norm(config),
        Padding = config.String("padding_type", "reflect") switch
        {
            "reflect" => PaddingMode.Reflect,
            "replicate" => PaddingMode.Replicate,
            "zero" => PaddingMode.Zeros,
            var other => throw new ArgumentException($"CharacterGAN has no padding '{other}'"),
        },
        AdaptiveScaling = config.Bool("adaptive_scaling", true),
        Layers = config.Int("num_kp_layers", 3),
    };

    private static CharacterNorm Norm(Config config) => config.String("norm", "instance") switch
    {
        "instance" => CharacterNorm.Instance,
        "batch" => CharacterNorm.Batch,
        var other => throw new ArgumentException($"CharacterGAN has no norm '{other}'"),
    };

    private static CharacterDiscriminator Discriminator(Config config, int inputs) => new(
        inputs, config.Int("ndf", 64), config.Int(config.Has("n_layers") ? "n_layers" : "n_layers_D", 3), config.Int("num_D", 2),
            Norm(config),
        config.Bool("getIntermFeat", true), config.Bool("use_sigmoid", false));

    private static Tensor[] Layers(ParityInputs inputs) => Numbered(inputs, "layer");

    private static Tensor[] Numbered(ParityInputs inputs, string kind) =>
        [.. Enumerable.Range(0, inputs.All.Count).Select(k => kind + k).Where(inputs.Has).Select(name => inputs[name])];

    private static Dictionary<string, Tensor> Scaled(IReadOnlyList<Tensor> features) =>
        features.Index().ToDictionary(feature => $"scaled{feature.Index}", feature => feature.Item);

    private static Dictionary<string, Tensor> Features(ScaleJudgements answer) => answer.Scales.Index()
        .SelectMany(scale => scale.Item.Index().Select(feature => (Name: $"scale{scale.Index}_feature{feature.Index}", feature.Item)))
        .ToDictionary(entry => entry.Name, entry => entry.Item);

    private static ParityAnswer Losses(Config config)
    {
        var shape = Read(config);
        var generator = new CharacterGenerator(shape);
        var discriminator = Discriminator(config, (shape.Layers * shape.Inputs) + shape.Outputs);
        var module = new ModuleDictionary<Module> { ["netG"] = generator, ["netD"] = discriminator };
        return new(module, inputs =>
        {
            var layers = Layers(inputs);
            var fake = generator.Call(layers);
            ScaleJudgements Judge(Tensor picture) => discriminator.Call(Tensor.Cat([.. layers, picture], 1));
            ScaleJudgements real = Judge(inputs["image"]), judged = Judge(fake);
            return new()
            {
                ["D"] = CharacterLosses.Discriminator(real, Judge(fake.Detach())),
                ["G_GAN"] = CharacterLosses.Generator(judged),
                ["G_GAN_Feat"] = CharacterLosses.FeatureMatching(real, judged, config.Double("lambda_feat", 10)),
                ["fake"] = fake.Detach(),
            };
        });
    }

    private static Dictionary<string, Tensor> Maps(Config config, ParityInputs inputs)
    {
        long[] size = inputs["size"].ToArray<long>();
        var points = inputs["points"].Unbind(0).Select(row => row.ToArray<long>()).Select(row => new Keypoint((int)row[0], (int)row[1]))
            .ToList();
        var maps = new KeypointMaps((int)size[0], (int)size[1], config.Double("gaussian_r", 0.05), config.Double("gaussian_s", 0.015));
        var dots = maps.Dots(points);
        var skeleton = !config.Has("skeleton") ? [] : config.Child("skeleton").Element.EnumerateObject()
            .SelectMany(from => from.Value.EnumerateArray()
                .Select(to => (int.Parse(from.Name, CultureInfo.InvariantCulture), to.GetInt32()))).ToList();
        var colours = config.Has("colors") ? config.List("colors").Select(Colour).ToList() : null;
        var heat = Tensor.From([.. dots.SelectMany(dot => dot)], [points.Count, .. size]);
        var outputs = new Dictionary<string, Tensor> { ["heatmaps"] = heat };
        foreach (var (k, layer) in config.List("layers").Index())
        {
            int[] members = [.. layer.EnumerateArray().Select(member => member.GetInt32())];
            outputs[$"map{k}"] = Tensor.From(maps.Layer(dots, points, members, skeleton, colours), [3, .. size]);
        }

        return outputs;

        static (double Red, double Green, double Blue) Colour(JsonElement colour) =>
            (colour[0].GetDouble(), colour[1].GetDouble(), colour[2].GetDouble());
    }

    private static Tensor Warped(Config config, ParityInputs inputs)
    {
        int height = (int)inputs["image"].Size(1), width = (int)inputs["image"].Size(2);
        var corners = ThinPlateWarp.OfficialCorners(height, width);
        var warp = new ThinPlateWarp(
            [.. Points("src"), .. corners], [.. Points("dst"), .. corners], height, width, config.Int("approximate_grid", 2));
        return warp.Apply(inputs["image"]);

        IEnumerable<PicturePoint> Points(string name) =>
            inputs.Raw(name).EnumerateArray().Select(point => new PicturePoint(point[0].GetDouble(), point[1].GetDouble()));
    }
}
