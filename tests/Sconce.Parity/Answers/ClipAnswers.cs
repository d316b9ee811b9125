using System.Text.Json;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Tests.Common;
using Sconce.Torch;

namespace Sconce.Parity;

/// <summary>Both towers, the attention pool, the loss, the zero-shot classifier, preprocessing and the tokeniser.</summary>
internal sealed class ClipAnswers : ParityAnswers
{
    private const string VocabularyFile = "data/clip/bpe_simple_vocab_16e6.txt.gz";

    internal override string System => "clip";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "attention_pool" => ParityAnswer.Of(new AttentionPool(config.Int("spacial_dim"), config.Int("embed_dim"),
                config.Int("num_heads"), config.Has("output_dim") ? config.Int("output_dim") : null)),
            "contrastive_loss" => Loss(config.String("reduction", "mean")),
            "zeroshot_classifier" => ZeroShot(config.Double("scale", ZeroShotClassifier.Scale)),
            "preprocess" => Preprocess(config.Int("n_px")),
            _ when config.Has("vision_layers") => Model(Read(config)),
            _ => null,
        };
    }

    internal override bool HasOwnFormat(ParityCase question) => question.Model == "tokenizer";

    internal override string? AnswerOwnFormat(ParityCase question)
    {
        string path = SharedFiles.Find(VocabularyFile)
            ?? throw new ParitySkipException($"needs ../shared/{VocabularyFile} (or SCONCE_SHARED)");
        var tokenizer = ClipTokenizer.Load(path);
        var special = (question.Root.GetProperty("vocab_size").GetInt32(), question.Root.GetProperty("start")
            .GetInt32(), question.Root.GetProperty("end").GetInt32());
        if (special != (tokenizer.VocabularySize, tokenizer.StartToken, tokenizer.EndToken))
            return $"the vocabulary has {tokenizer.VocabularySize} tokens, start {tokenizer.StartToken}, end {tokenizer.EndToken}";
        int context = question.Root.GetProperty("context_length").GetInt32();
        foreach (var row in question.Items("cases"))
        {
            if (Compare(tokenizer, row, context) is { } difference) return $"{row.GetProperty("text").GetRawText()}: {difference}";
        }

        return null;
    }

    private static string? Compare(ClipTokenizer tokenizer, JsonElement row, int context)
    {
        string text = row.GetProperty("text").GetString()!;
        if (ClipTokenizer.Clean(text) != row.GetProperty("cleaned").GetString()) return $"cleaned to \"{ClipTokenizer.Clean(text)}\"";
        int[] ids = tokenizer.Encode(text);
        if (!ids.SequenceEqual(row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()))) return $"ids {string.Join(' ', ids)}";
        if (tokenizer.Decode(ids) != row.GetProperty("decoded").GetString()) return $"decoded to \"{tokenizer.Decode(ids)}\"";
        bool tooLong = row.GetProperty("too_long").GetBoolean();
        if (tooLong != ids.Length + 2 > context) return $"{ids.Length} tokens";
        if (tooLong && !Refuses(tokenizer, text, context)) return "too long, but not refused";
        long[] official = [.. row.GetProperty("row77").EnumerateArray().Select(id => id.GetInt64())];
        long[] padded = [.. official, .. new long[context - official.Length]];
        return tokenizer.Tokenize(text, context, truncate: tooLong).SequenceEqual(padded) ? null : "another row";
    }

    private static bool Refuses(ClipTokenizer tokenizer, string text, int context)
    {
        try
        {
            tokenizer.Tokenize(text, context);
            return false;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static ClipConfig Read(Config config)
    {
        int width = config.Int("vision_width");
        var layers = config.Element.GetProperty("vision_layers");
        ClipVisionConfig vision;
        if (layers.ValueKind == JsonValueKind.Array)
        {
            int[] stages = config.Ints("vision_layers");
            if (stages.Length != 4) throw new ArgumentException($"a residual network has four stages, not {stages.Length}");
            vision = new ClipResNetConfig(width, (stages[0], stages[1], stages[2], stages[3]));
        }
        else
        {
            vision = new ClipVitConfig(width, config.Int("vision_layers"), config.Int("vision_patch_size"));
        }

        return new ClipConfig(config.Int("embed_dim"), config.Int("image_resolution"), vision,
            new ClipTextConfig(config.Int("transformer_width"), config.Int("transformer_heads"), config.Int("transformer_layers"))
            {
                ContextLength = config.Int("context_length"),
                VocabularySize = config.Int("vocab_size"),
            });
    }

    private static ParityAnswer Model(ClipConfig config)
    {
        var model = new ClipModel(config);
        return new ParityAnswer(model, inputs =>
        {
            var image = model.EncodeImage(inputs["image"]);
            var text = model.EncodeText(inputs["text"]);
            var (perImage, perText) = model.Call(inputs["image"], inputs["text"]);
            return new()
            {
                ["image_features"] = image,
                ["text_features"] = text,
                ["logits_per_image"] = perImage,
                ["logits_per_text"] = perText
            };
        });
    }

    private static ParityAnswer Loss(string reduction) => ParityAnswer.Of(inputs =>
    {
        var (loss, image, text) = ContrastiveLoss.Compute(inputs["image_features"], inputs["text_features"], inputs["logit_scale"],
            Enum.Parse<Reduction>(reduction, ignoreCase: true));
        return new() { ["loss"] = loss, ["loss_image"] = image, ["loss_text"] = text };
    });

    private static ParityAnswer ZeroShot(double scale) => ParityAnswer.Of(inputs =>
    {
        var weights = ZeroShotClassifier.Average(inputs["text_embeddings"]);
        var logits = ZeroShotClassifier.Logits(inputs["image_features"], weights, scale);
        return new() { ["weights"] = weights, ["logits"] = logits, ["probabilities"] = logits.Softmax(-1), ["top1"] = logits.Argmax(-1) };
    });

    private static ParityAnswer Preprocess(int size) => ParityAnswer.Of(inputs =>
    {
        var pixels = inputs["image"]; // (rows, columns, channels)
        var picture = Image.FromPixels((int)pixels.Size(1), (int)pixels.Size(0), pixels.Dimensions == 2 ? 1 : (int)pixels.Size(2),
            pixels.To(DType.UInt8).ToArray<byte>());
        return new() { ["out"] = ClipPreprocess.Apply(picture, size) };
    });
}
