using Sconce.Nn;
using Sconce.Systems.Video.Dubbing;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Dubbing: the painter of lips, the expert of sync, their losses, speech as they hear it.</summary>
internal sealed class DubbingAnswers : ParityAnswers
{
    internal override string System => "dubbing";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "wav2lip" => Painter(),
            "syncnet" => Expert(),
            "quality_disc" or "wav2lip_disc_qual" or "quality_discriminator" => ParityAnswer.Of(new FaceQuality(), FirstInput(question)),
            "sync_loss" => ParityAnswer.Of(inputs => Loss(config, inputs)),
            "mel_spectrogram" => ParityAnswer.Of(inputs => Speech(config, inputs)),
            _ => null,
        };
    }

    private static ParityAnswer Painter()
    {
        var painter = new LipPainter();
        return new ParityAnswer(painter, inputs => new() { ["out"] = painter.Call(inputs["audio"], inputs["face"]) });
    }

    private static ParityAnswer Expert()
    {
        var expert = new SyncExpert();
        return new ParityAnswer(expert, inputs =>
        {
            var vectors = expert.Call(inputs["audio"], inputs["face"]);
            return new() { ["audio_embedding"] = vectors.Speech, ["face_embedding"] = vectors.Face };
        });
    }

    private static string FirstInput(ParityCase question) => question.Properties("inputs").First().Name;

    private static Dictionary<string, Tensor> Loss(Config config, ParityInputs inputs)
    {
        var vectors = new SyncVectors(inputs["a"], inputs["v"]);
        var sync = LipLoss.Sync(vectors, inputs["y"].To(inputs["a"].DType));
        var difference = Functional.MeanAbsoluteError(inputs["g"], inputs["gt"]);
        var plain = new LipLoss { SyncWeight = config.Double("syncnet_wt", 0.03) };
        var judged = new LipLoss { SyncWeight = plain.SyncWeight, QualityWeight = config.Double("disc_wt", 0.07) };
        var quality = Tensor.FromScalar((float)config.Double("perceptual", 0.5));
        return new()
        {
            ["cosine"] = LipLoss.Agreement(vectors),
            ["sync"] = sync,
            ["l1"] = difference,
            ["total"] = plain.Total(sync, difference),
            ["total_gan"] = judged.Total(sync, difference, quality),
        };
    }

    private static Dictionary<string, Tensor> Speech(Config config, ParityInputs inputs)
    {
        var features = new SpeechFeatures
        {
            SampleRate = config.Int("sr", 16_000),
            Window = config.Int("n_fft", 800),
            Hop = config.Int("hop", 200),
            Bands = config.Int("mels", 80),
            Lowest = config.Double("fmin", 55),
            Highest = config.Double("fmax", 7600),
            PreEmphasis = config.Double("preemphasis", 0.97),
            Floor = config.Double("min_db", -100),
            Reference = config.Double("ref_db", 20),
        };
        return new() { ["mel"] = features.Of(inputs["wav"]), ["filterbank"] = features.Filters() };
    }
}
