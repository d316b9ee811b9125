using Sconce.Systems.Generation.Trecs;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>TReCS: the tagger, the painter, traces, the canvas, the dual encoder's loss.</summary>
internal sealed class TrecsAnswers : ParityAnswers
{
    private const double FromCentre = 0.22, CandidateAbove = 0.1, HullAbove = 0.2; // the cases' own numbers

    internal override string System => "trecs";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        string kind = question.Model;
        if (kind.StartsWith("tagger", StringComparison.Ordinal)) return Tagger(config);
        if (kind.StartsWith("spade_generator", StringComparison.Ordinal)) return Painter(config);
        return kind switch
        {
            "dual_encoder_loss" => ParityAnswer.Of(inputs => new()
            {
                ["loss"] = new DualEncoderLoss(config.Double("margin", 0.3), config.Double("scale", 20))
                    .Of(inputs["text"], inputs["image"]),
                ["similarity"] = DualEncoderLoss.Similarity(inputs["text"], inputs["image"]),
            }),
            "trace_tags" => ParityAnswer.Of(inputs => Tags(config, inputs)),
            "canvas" => ParityAnswer.Of(inputs => Canvas(config, inputs)),
            _ => null,
        };
    }

    private static ParityAnswer Tagger(Config config)
    {
        var network = new WordTagger(
            new BertConfig
            {
                Vocabulary = config.Int("vocab_size"),
                Width = config.Int("hidden_size"),
                Layers = config.Int("num_hidden_layers"),
                Heads = config.Int("num_attention_heads"),
                Inner = config.Int("intermediate_size"),
                Positions = config.Int("max_position_embeddings", 512),
                Types = config.Int("type_vocab_size", 2),
                Dropout = 0,
            },
            config.Int("num_labels"));
        return new(network, inputs =>
        {
            var logits = network.Call(inputs["ids"], inputs["mask"]);
            return new() { ["logits"] = logits, ["loss"] = WordTagger.Loss(logits, inputs["tags"], inputs["mask"]) };
        });
    }

    private static ParityAnswer Painter(Config config)
    {
        string norm = config.String("norm_G", "spadebatch3x3");
        var network = new SpadeGenerator(new(config.Int("semantic_nc"), config.Int("crop_size"))
        {
            Width = config.Int("ngf", 64),
            AspectRatio = config.Double("aspect_ratio", 1),
            Upsampling = config.String("num_upsampling_layers", "normal") switch
            {
                "normal" => SpadeUpsampling.Normal,
                "more" => SpadeUpsampling.More,
                "most" => SpadeUpsampling.Most,
                var other => throw new ArgumentException($"SPADE has no upsampling '{other}'"),
            },
            Norm = norm.Contains("instance", StringComparison.Ordinal) ? SpadeNorm.Instance : SpadeNorm.Batch,
            Kernel = norm[^1] - '0',
            Spectral = norm.StartsWith("spectral", StringComparison.Ordinal),
        });
        return new(network, inputs => new() { ["out"] = network.Call(network.OneHot(inputs["labels"])) });
    }

    private static Dictionary<string, Tensor> Tags(Config config, ParityInputs inputs)
    {
        int height = config.Int("height"), width = config.Int("width"), labels = config.Int("labels");
        int[] map = Ints(inputs["labels"]);
        var places = (inputs["centre"].Unsqueeze(1) + (FromCentre * inputs["points"])).ToArray<float>();
        long traces = inputs["points"].Size(0), points = inputs["points"].Size(1);
        TraceHull[] hulls =
        [
            .. places.Chunk(2).Select(place => new TracePoint(place[0], place[1])).Chunk((int)points)
                .Select(trace => TraceHull.Of(trace, height, width)),
        ];
        return new()
        {
            ["hull"] = Tensor.From([.. hulls.SelectMany(hull => hull.Pixels).Select(inside => inside ? 1f : 0f)], [traces, height, width]),
            ["cover"] = Tensor.From([.. hulls.SelectMany(hull => hull.Cover(map, labels))], [traces, labels]),
            ["tag"] = Tensor.From([.. hulls.Select(hull => (float)(TraceTags.Of(hull, map, labels, TagRule.Cover) ?? 0))]),
            ["class_share"] = Tensor.From([.. hulls.SelectMany(hull => hull.ClassShare(map, labels))], [traces, labels]),
        };
    }

    private static Dictionary<string, Tensor> Canvas(Config config, ParityInputs inputs)
    {
        int objects = config.Int("objects"), candidates = config.Int("candidates"), ground = config.Int("background_labels");
        long height = config.Int("height"), width = config.Int("width");
        bool[][] masks = Masks(inputs["cand"], CandidateAbove), hulls = Masks(inputs["hulls"], HullAbove);
        double[][] overlaps = [.. hulls.Select(
            (hull, k) => masks.Skip(k * candidates).Take(candidates).Select(mask => SceneComposer.Overlap(mask, hull)).ToArray())];
        int[] best = [.. overlaps.Select(row => row.Index().MaxBy(entry => entry.Item).Index)], canvas = Ints(inputs["background"]);
        foreach (int k in Ints(inputs["order"])) SceneComposer.Paint(canvas, masks[(k * candidates) + best[k]], ground + k);
        return new()
        {
            ["iou"] = Tensor.From([.. overlaps.SelectMany(row => row)], [objects, candidates]),
            ["best"] = Tensor.From([.. best.Select(place => (float)place)]),
            ["canvas"] = Tensor.From([.. canvas.Select(label => (float)label)], [height, width]),
        };

        bool[][] Masks(Tensor numbers, double above) =>
            [.. numbers.ToArray<float>().Select(number => number > above).Chunk((int)(height * width))];
    }

    private static int[] Ints(Tensor numbers) => [.. numbers.ToArray<long>().Select(number => (int)number)];
}
