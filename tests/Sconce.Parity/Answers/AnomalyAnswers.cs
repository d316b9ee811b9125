using Sconce.Imaging;
using Sconce.Maths;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Detection.Anomaly;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>PaDiM and PatchCore, part by part.</summary>
internal sealed class AnomalyAnswers : ParityAnswers
{
    internal override string System => "anomaly";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "feature_extractor" => Features(config),
            "embedding" => ParityAnswer.Of(Embeddings),
            "padim_statistics" => ParityAnswer.Of(inputs => Padim(config, inputs)),
            "k_center_greedy" => ParityAnswer.Of(inputs => Coresets(config, inputs)),
            "patchcore_score" => ParityAnswer.Of(inputs => PatchCore(config, inputs)),
            "gaussian_blur" when config.String("padding", "reflect") == "reflect" => ParityAnswer.Of(inputs => new()
            {
                ["out"] = GaussianFilter.Apply(inputs["x"], config.Double("sigma"), config.Has("kernel") ? config.Int("kernel") : null),
            }),
            "auroc" => ParityAnswer.Of(inputs => Ranking(config, inputs)),
            _ => null,
        };
    }

    private static ParityAnswer Features(Config config)
    {
        string[] layers = [.. config.List("layers").Select(layer => layer.GetString()!)];
        var extractor = FeatureExtractor.Of(ResNetConfiguration.Of(config.String("backbone")), layers);
        return new ParityAnswer(extractor, inputs =>
            layers.Zip(extractor.Maps(inputs["x"])).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    private static Dictionary<string, Tensor> Embeddings(ParityInputs inputs)
    {
        Tensor[] maps = [.. new[] { "layer1", "layer2", "layer3", "layer4" }.Where(inputs.Has).Select(name => inputs[name])];
        return new()
        {
            ["padim"] = PatchEmbedding.Padim(maps, inputs["idx"].To(DType.Int64)),
            ["patchcore"] = PatchEmbedding.PatchCore([.. maps.Skip(1)]),
        };
    }

    private static Dictionary<string, Tensor> Padim(Config config, ParityInputs inputs)
    {
        Tensor train = inputs["train"], test = inputs["test"];
        int[] size = config.Ints("image_size");
        using var fitted = PatchGaussians.Fit(PatchEmbedding.Rows(train));
        var distance = fitted.Distance(PatchEmbedding.Rows(test)).Reshape([test.Size(0), 1, test.Size(2), test.Size(3)]);
        var map = PatchScores.Map(distance, size[0], size[1], Interpolation.Bilinear, config.Double("sigma"));
        return new()
        {
            ["mean"] = fitted.Mean.T().Clone(),
            ["inv_covariance"] = fitted.InverseCovariances(),
            ["distance"] = distance,
            ["map"] = map,
            ["score"] = PatchScores.Maximum(map).Unsqueeze(1),
        };
    }

    private static Dictionary<string, Tensor> Coresets(Config config, ParityInputs inputs)
    {
        var rows = inputs["e"];
        int count = (int)(rows.Size(0) * config.Double("sampling_ratio"));
        int[] chosen = Coreset.Choose(rows.ToArray<float>(), (int)rows.Size(1), count, config.Int("start"));
        return new() { ["out"] = Tensor.From(chosen.Select(row => (float)row).ToArray()) };
    }

    private static Dictionary<string, Tensor> PatchCore(Config config, ParityInputs inputs)
    {
        Tensor bank = inputs["bank"], rows = inputs["embedding"];
        int pictures = config.Int("batch"), height = config.Int("height"), width = config.Int("width");
        int[] size = config.Ints("image_size");
        var (scores, places) = PatchScores.Nearest(rows, bank, pictures);
        return new()
        {
            ["patch_scores"] = scores,
            ["locations"] = places,
            ["score"] = PatchScores.Weighted(scores, places, rows, bank, config.Int("num_neighbors")),
            ["map"] = PatchScores.Map(
                scores.Reshape([pictures, 1, height, width]), size[0], size[1], Interpolation.Nearest, config.Double("sigma")),
        };
    }

    private static Dictionary<string, Tensor> Ranking(Config config, ParityInputs inputs)
    {
        float power = MathF.Pow(10, config.Int("score_rounding"));
        double[] scores = [.. inputs["scores"].ToArray<float>().Select(score => (double)(MathF.Round(score * power) / power))];
        bool[] labels = [.. inputs["labels"].ToArray<long>().Select(label => label == 1)];
        double[] pixels = [.. inputs["pix"].ToArray<float>().Select(value => (double)value)];
        bool[] mask = [.. inputs["mask"].ToArray<long>().Select(value => value == 0)];
        var (threshold, f1) = RankingMetrics.BestF1(scores, labels);
        return new()
        {
            ["image_auroc"] = One(RankingMetrics.Auroc(scores, labels)),
            ["pixel_auroc"] = One(RankingMetrics.Auroc(pixels, mask)),
            ["average_precision"] = One(RankingMetrics.AveragePrecision(scores, labels)),
            ["best_f1"] = One(f1),
            ["best_threshold"] = One(threshold),
        };
    }

    private static Tensor One(double value) => Tensor.From([value]).Reshape([]);
}
