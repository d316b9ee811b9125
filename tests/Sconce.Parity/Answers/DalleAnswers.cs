using Sconce.Systems.Generation.Dalle;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>DALL·E: dVAE and its loss, masks, transformer, ranking.</summary>
internal sealed class DalleAnswers : ParityAnswers
{
    internal override string System => "dalle";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "EncoderBlock" => ParityAnswer.Of(DvaeBlock.OfEncoder(config.Int("n_in"), config.Int("n_out"), Gain(config))),
            "DecoderBlock" => ParityAnswer.Of(DvaeBlock.OfDecoder(config.Int("n_in"), config.Int("n_out"), Gain(config))),
            "dvae_encoder" => Encoder(config),
            "dvae_decoder" => Decoder(config),
            "dvae_loss" => Loss(config),
            "attention_masks" => ParityAnswer.Of(_ => Masks(question)),
            "map_pixels" => ParityAnswer.Of(inputs => new()
            {
                ["map"] = DvaePixels.Map(inputs["x"], config.Double("eps", 0.1)),
                ["unmap"] = DvaePixels.Unmap(inputs["x"], config.Double("eps", 0.1)),
            }),
            "clip_rerank" => ParityAnswer.Of(inputs => Rank(inputs, config.Int("k"))),
            _ when config.Has("num_layers") => Transformer(config),
            _ => null,
        };
    }

    private static double Gain(Config config) => 1.0 / (config.Int("n_layers") * config.Int("n_layers"));

    private static DvaeConfig Dvae(Config config) => new()
    {
        Width = config.Int("n_hid", 256),
        Blocks = config.Int("n_blk_per_group", 2),
        Groups = config.Int("group_count", 4),
        Codes = config.Int("vocab_size", 8192),
        CodeWidth = config.Int("n_init", 128),
        Channels = config.Int("input_channels", config.Int("output_channels", 3)),
    };

    private static ParityAnswer Encoder(Config config)
    {
        var encoder = new DvaeEncoder(Dvae(config));
        return new ParityAnswer(encoder, inputs =>
        {
            var logits = encoder.Call(DvaePixels.Map(inputs["x"]));
            return new() { ["logits"] = logits, ["codes"] = logits.Argmax(1) };
        });
    }

    private static ParityAnswer Decoder(Config config)
    {
        var decoder = new DvaeDecoder(Dvae(config));
        return new ParityAnswer(decoder, inputs =>
        {
            var statistics = inputs.Has("codes") ? decoder.OfCodes(inputs["codes"]) : decoder.Call(inputs["z"].Softmax(1));
            return new() { ["stats"] = statistics, ["image"] = DvaePixels.Picture(statistics) };
        });
    }

    private static ParityAnswer Loss(Config config)
    {
        var model = new Dvae(Dvae(config));
        return new ParityAnswer(model, inputs =>
        {
            var loss = DvaeLoss.Of(model, inputs["x"], -inputs["e"].Log(), config.Double("tau"), config.Double("beta"));
            return new() { ["loss"] = loss.Loss, ["nll"] = loss.Likelihood, ["kl"] = loss.Divergence, ["stats"] = loss.Statistics };
        });
    }

    private static Dictionary<string, Tensor> Masks(ParityCase question)
    {
        var config = question.Config;
        var asked = question.Properties("outputs").Select(output => output.Name).ToHashSet();
        var outputs = new Dictionary<string, Tensor>();
        (string Name, MaskKind Kind)[] kinds =
        [
            ("row", MaskKind.Row), ("column", MaskKind.Column), ("conv_clamp", MaskKind.ConvolutionClamped),
            ("conv_wrap", MaskKind.ConvolutionWrapped), ("conv_raster", MaskKind.ConvolutionRaster),
        ];
        foreach (var (name, kind) in kinds)
        {
            if (!asked.Any(output => output.StartsWith(name, StringComparison.Ordinal))) continue;
            int text = config.Int("text_tokens"), side = config.Int("image_width"), kernel = config.Int("kernel", 11);
            var mask = AttentionMasks.Of(kind, text, side, kernel).To(DType.Float64);
            var places = Tensor.Arange(mask.Size(0), DType.Float64) / mask.Size(0);
            outputs[name] = mask;
            outputs[name + "_count"] = mask.Sum([1]);
            outputs[name + "_weighted"] = mask.Matmul(places);
        }

        return outputs;
    }

    private static Dictionary<string, Tensor> Rank(ParityInputs inputs, int count)
    {
        var scores = DalleSampling.Scores(inputs["images"], inputs["text"]);
        var (best, numbers) = DalleSampling.Best(scores, count);
        return new() { ["score"] = scores, ["best"] = numbers, ["best_score"] = best };
    }

    private static ParityAnswer Transformer(Config config)
    {
        var model = new DalleTransformer(new DalleConfig
        {
            Layers = config.Int("num_layers"),
            Width = config.Int("hidden_size"),
            Heads = config.Int("num_attention_heads"),
            TextVocabulary = config.Int("vocab_size"),
            TextLength = config.Int("text_seq_length"),
            Codes = config.Int("image_vocab_size"),
            Grid = config.Int("image_tokens_per_dim"),
            Convolution = config.String("hf_version", "v3") == "v2" ? MaskKind.ConvolutionWrapped : MaskKind.ConvolutionClamped,
            Kernel = config.Int("kernel", 11),
            ColumnsFirst = true,
            Sandwich = config.Bool("cogview_sandwich_layernorm", false),
            Relaxed = config.Bool("cogview_pb_relax", false),
            NormOfLogits = true,
            EmbeddingGradient = config.Double("embedding_gradient", 0.1),
        });
        return new ParityAnswer(model, inputs =>
        {
            Tensor text = inputs["text"], codes = inputs["image"];
            var logits = model.Call(text, codes);
            var loss = model.Loss(logits, text, codes, LossSpan.RuDalle);
            return new()
            {
                ["logits"] = logits,
                ["loss"] = loss.Loss,
                ["loss_text"] = loss.Text.Detach(), // officially off the tape, as is the other part
                ["loss_image"] = loss.Picture.Detach(),
            };
        });
    }
}
