using System.Globalization;
using Sconce.Data;
using Sconce.Maths;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Detection;
using Sconce.Systems.Detection.ArtDetection;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Style transfer, and what a Faster R-CNN is made of.</summary>
internal sealed class ArtDetectionAnswers : ParityAnswers
{
    internal override string System => "art_detection";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "adain_net" => StyleTransfer(question),
            "adain" => ParityAnswer.Of(inputs => new()
            {
                ["out"] = AdaptiveInstanceNorm.Apply(inputs["content"], inputs["style"], config.Double("eps", 1e-5)),
            }),
            "coral" => ParityAnswer.Of(inputs => new() { ["out"] = ColourTransfer.Apply(inputs["source"], inputs["target"]) }),
            "anchors" => ParityAnswer.Of(_ => new() { ["out"] = Anchors(config) }),
            "box_coder" => ParityAnswer.Of(inputs => Coded(config, inputs)),
            "matcher" => ParityAnswer.Of(inputs => new() { ["out"] = Matched(config, inputs) }),
            "nms" => ParityAnswer.Of(inputs => Suppressed(config, inputs)),
            "roi_align" => ParityAnswer.Of(inputs => Pooled(config, inputs)),
            "fastrcnn_loss" => ParityAnswer.Of(inputs =>
            {
                var (classes, boxes) = FasterRcnnLoss.Regions(
                    inputs["logits"], inputs["reg"], inputs["labels"], inputs["targets"], config.Double("beta", 1.0 / 9));
                return new() { ["classification"] = classes, ["box"] = boxes };
            }),
            "rpn" => Proposals(config),
            "coco_map" => ParityAnswer.Of(inputs => Evaluated(config, inputs)),
            var name when name.StartsWith("fasterrcnn_", StringComparison.Ordinal) => Detector(question, name),
            _ => null,
        };
    }

    private static ParityAnswer StyleTransfer(ParityCase question)
    {
        var network = new AdaInNetwork { Alpha = question.Config.Double("alpha", 1) };
        bool learns = question.Properties("outputs").Any(output => output.Name is "content_loss" or "style_loss");
        return new ParityAnswer(network, inputs =>
        {
            var pair = new StylePair(inputs["content"], inputs["style"]);
            if (!learns) return new() { ["out"] = network.Call(pair), ["relu4_1"] = network.Features(pair.Style)[^1] };
            var (stylised, losses) = network.Learn(pair);
            return new()
            {
                ["stylised"] = stylised,
                ["content_loss"] = losses.Content,
                ["style_loss"] = losses.Style,
                ["relu4_1"] = network.Features(pair.Style)[^1],
            };
        });
    }

    private static Tensor Anchors(Config config)
    {
        double[][] sizes = [.. config.List("sizes").Select(level => level.EnumerateArray().Select(size => size.GetDouble()).ToArray())];
        int[] image = config.Ints("image");
        (long, long)[] grids = [.. config.List("grids").Select(grid => (grid[0].GetInt64(), grid[1].GetInt64()))];
        return new AnchorGrid(sizes, config.Doubles("ratios"), AnchorOrder.RatiosFirst).Levels((image[0], image[1]), grids);
    }

    private static Dictionary<string, Tensor> Coded(Config config, ParityInputs inputs)
    {
        double[] weights = config.Doubles("weights");
        int[] image = config.Ints("image");
        Tensor proposals = RawBoxes.Of(inputs["prop"], image), objects = RawBoxes.Of(inputs["gt"], image);
        var coder = new BoxCoder(weights[0], weights[1], weights[2], weights[3]) { Clip = config.Double("clip", Math.Log(1000.0 / 16)) };
        return new()
        {
            ["encoded"] = coder.Encode(objects, proposals),
            ["encoded_rpn"] = BoxCoder.Proposals.Encode(objects, proposals),
            ["decoded"] = coder.Decode(inputs["deltas"] * 3, proposals),
        };
    }

    private static Tensor Matched(Config config, ParityInputs inputs)
    {
        int[] image = config.Ints("image");
        var matcher = new IouMatcher(config.Double("high"), config.Double("low"), config.Bool("allow_low_quality", false));
        return Tensor.From(
            matcher.Match(Boxes.PairwiseIou(RawBoxes.Of(inputs["gt"], image), RawBoxes.Of(inputs["anchors"], image, 0.1, 0.3))));
    }

    private static Dictionary<string, Tensor> Suppressed(Config config, ParityInputs inputs)
    {
        var boxes = RawBoxes.Of(inputs["raw"], config.Ints("image"));
        int count = (int)boxes.Size(0);
        double[] thresholds = config.Doubles("thresholds");
        var answers = thresholds.ToDictionary(
            threshold => "keep_" + threshold.ToString("0.0#", CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal),
            threshold => Padded(BoxSuppression.Keep(boxes, inputs["scores"], threshold), count));
        answers["keep_by_class"] = Padded(BoxSuppression.Keep(boxes, inputs["scores"], inputs["labels"], thresholds[0]), count);
        answers["iou_row0"] = Boxes.PairwiseIou(boxes[..1], boxes)[0];
        answers["giou_row0"] = Boxes.PairwiseGeneralizedIou(boxes[..1], boxes)[0];
        return answers;
    }

    private static Tensor Padded(long[] kept, int count) =>
        Tensor.From(kept.Select(box => box + 1f).Concat(Enumerable.Repeat(0f, count - kept.Length)).ToArray());

    private static Dictionary<string, Tensor> Pooled(Config config, ParityInputs inputs)
    {
        var maps = inputs["x"];
        var boxes = RawBoxes.Of(inputs["raw"], config.Ints("image"));
        var numbers = Tensor.Arange(boxes.Size(0), DType.Int64).Remainder(maps.Size(0)).To(boxes.DType).Unsqueeze(1);
        var regions = Tensor.Cat([numbers, boxes], 1);
        return config.Child("outputs").Element.EnumerateObject().ToDictionary(entry => entry.Name, entry =>
        {
            var wanted = new Config(entry.Value);
            int[] size = wanted.Ints("size");
            return RoiAlign.Pool(
                maps, regions, size[0], size[1], config.Double("scale"), wanted.Int("sampling_ratio", -1), wanted.Bool("aligned", false));
        });
    }

    private static ParityAnswer Proposals(Config config)
    {
        int[] image = config.Ints("image");
        var anchors = new AnchorGrid([config.Doubles("sizes")], config.Doubles("ratios"), AnchorOrder.RatiosFirst);
        var network = new RegionProposals(config.Int("channels"), anchors)
        {
            Filter = new ProposalFilter
            {
                Before = config.Int("pre_nms"),
                After = config.Int("post_nms"),
                Overlap = config.Double("nms", 0.7),
                LeastSide = config.Double("min_size", 1e-3),
            },
        };
        var matcher = new IouMatcher(config.Double("fg", 0.7), config.Double("bg", 0.3), AllowLowQuality: true);
        return new ParityAnswer(new ModuleDictionary<Module> { ["rpn"] = network }, inputs =>
        {
            var maps = network.Call([inputs["x"]]);
            var all = network.Anchors(maps, (image[0], image[1]));
            var (labels, wanted) = ProposalLoss.Assign(all, RawBoxes.Of(inputs["raw"], image), matcher, BoxCoder.Proposals);
            long[] Of(int label) => [.. Enumerable.Range(0, labels.Length).Where(row => labels[row] == label).Select(row => (long)row)];
            var (objectness, boxes) = ProposalLoss.Compute(
                AnchorRows.Of(maps[0].Objectness, 1, 0).Squeeze(1), AnchorRows.Of(maps[0].Deltas, 4, 0), wanted, Of(1), Of(0),
                    FasterRcnnLoss.Beta);
            return new()
            {
                ["proposals"] = network.Select(maps, all, [(image[0], image[1])])[0],
                ["objectness"] = maps[0].Objectness,
                ["deltas"] = maps[0].Deltas,
                ["loss_objectness"] = objectness,
                ["loss_box"] = boxes,
            };
        });
    }

    private static ParityAnswer Detector(ParityCase question, string name)
    {
        var config = question.Config;
        int[] image = config.Ints("image");
        bool trained = question.Items("tensors").Any(
            entry => entry.GetProperty("key").GetString() == "backbone.body.bn1.num_batches_tracked");
        var network = new FasterRcnn(new FasterRcnnConfig
        {
            Trunk = ResNetConfiguration.Of(name.Split('_')[1]),
            FrozenNorms = !trained,
            TrainableStages = 5,
            Classes = config.Int("num_classes"),
            LeastSide = config.Int("min_size", 800),
            MostSide = config.Int("max_size", 1333),
            Mean = config.Doubles("mean"),
            Std = config.Doubles("std"),
        });
        int regions = (int)ParityCase.Shape(question.Properties("outputs").First(output => output.Name == "class_logits").Value)[0];
        return new ParityAnswer(network, inputs =>
        {
            var scaled = PictureScaling.Prepare([inputs["image"]], network.Config);
            var levels = network.Backbone.Call(scaled.Images);
            var maps = network.Rpn.Call(levels);
            var boxes = scaled.ToScaled(RawBoxes.Of(Formula.Floats("boxes", [regions, 4]), image, 0.05, 0.85), 0);
            var answers = network.RoiHeads.Call(new RegionInput([.. levels.Take(4)], [boxes], scaled.Sizes));
            var outputs = new Dictionary<string, Tensor>
            {
                ["head_feature"] = answers.Features,
                ["class_logits"] = answers.Logits,
                ["box_deltas"] = answers.Deltas,
            };
            for (int level = 0; level < levels.Count; level++)
            {
                outputs[level < 4 ? $"fpn_{level}" : "fpn_pool"] = levels[level];
                outputs[$"objectness_{level}"] = maps[level].Objectness;
                outputs[$"deltas_{level}"] = maps[level].Deltas;
            }

            return outputs;
        });
    }

    private static Dictionary<string, Tensor> Evaluated(Config config, ParityInputs inputs)
    {
        int[] image = config.Ints("image");
        int pictures = config.Int("images"), classes = config.Int("categories");
        float[] Boxes(string name) => RawBoxes.Of(inputs[name], image, 0.05, 0.55).ToArray<float>();
        long[] Longs(string name) => inputs[name].ToArray<long>();
        float[] truths = Boxes("gt_raw"), own = Boxes("dt_raw"), scores = inputs["dt_score"].ToArray<float>();
        long[] truthPictures = Longs("gt_img"), truthClasses = Longs("gt_cls"), crowds = Longs("crowd");
        long[] ownPictures = Longs("dt_img"), ownClasses = Longs("dt_cls"), of = Longs("dt_of"), jitter = Longs("dt_jit");
        var wanted = truthPictures.Select((picture, k) => (Picture: picture, Box: new BoxAnnotation(
            truths[4 * k], truths[(4 * k) + 1], truths[(4 * k) + 2], truths[(4 * k) + 3], (int)truthClasses[k])
        {
            IsCrowd = crowds[k] == 0,
        })).ToArray();
        var found = ownPictures.Select((picture, i) =>
        {
            int o = (int)(of[i] % truthPictures.Length);
            double share = jitter[i] / 100.0 / 2;
            double[] edges = [.. Enumerable.Range(0, 4).Select(k => (truths[(4 * o) + k] * (1 - share)) + (own[(4 * i) + k] * share))];
            bool ownPlace = i % 3 == 0;
            int label = (int)(ownPlace ? ownClasses[i] : truthClasses[o]);
            var box = new DetectedBox(edges[0], edges[1], edges[2], edges[3], label, scores[i]);
            return (Picture: ownPlace ? picture : truthPictures[o], Box: box);
        }).ToArray();
        var evaluation = new CocoEvaluation(classes);
        for (int picture = 0; picture < pictures; picture++)
        {
            evaluation.Add(
                [.. wanted.Where(entry => entry.Picture == picture).Select(entry => entry.Box)],
                [.. found.Where(entry => entry.Picture == picture).Select(entry => entry.Box)]);
        }

        var curves = evaluation.Curves();
        var summary = evaluation.Summarize();
        double[] stats =
        [
            summary.AveragePrecision, summary.At50, summary.At75, summary.Small, summary.Medium, summary.Large,
            summary.Recall1, summary.Recall10, summary.Recall100, summary.RecallSmall, summary.RecallMedium, summary.RecallLarge,
        ];
        return new()
        {
            ["stats"] = Tensor.From(stats.Select(value => double.IsNaN(value) ? -1 : value).ToArray()),
            ["precision_50"] = ByClass(curves, 101, (curve, row) => curve.Precisions[0][row]),
            ["recall"] = ByClass(curves, 10, (curve, row) => curve.Recalls[row]),
        };
    }

    private static Tensor ByClass(IReadOnlyList<CocoCurves?> curves, int rows, Func<CocoCurves, int, double> value)
    {
        double[] table = [.. Enumerable.Range(0, rows).SelectMany(row => curves.Select(curve => curve is null ? -1 : value(curve, row)))];
        return Tensor.From(table, [rows, curves.Count]);
    }
}
