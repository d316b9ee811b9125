using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>An input and a Perceiver with a classifier; <c>pictures, points, sound or video -> (N, classes)</c>.</summary>
/// <param name="input">Makes rows.</param>
/// <param name="config">Its input channels are those of <paramref name="input"/>.</param>
public sealed partial class PerceiverClassifier(PerceiverInput input, PerceiverConfig config) : Module<Tensor, Tensor>
{
    /// <summary>From data to rows.</summary>
    public PerceiverInput Input { get; } = input;

    /// <summary>From rows to latents and classes.</summary>
    public PerceiverModel Perceiver { get; } = new(config with { InputChannels = input.Channels });

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor data) => Perceiver.Classify(Perceiver.Call(Input.Call(data), null));
}

/// <summary>
/// Sound and video in one array: each modality's rows are filled up to one width by a learned code that tells which it is.
/// <c>audio (N, samples), video (N, 3, T, H, W) -> (N, classes)</c>; 2103.03206 §4.2, io_processors.py <c>MultimodalPreprocessor</c>.
/// </summary>
public sealed partial class AudioVisualPerceiver : Module<Tensor, Tensor, Tensor>
{
    private const int LeastCode = 2;

    /// <summary>Haiku's initial numbers.</summary>
    /// <param name="audio">Rows of sound.</param>
    /// <param name="video">Rows of video.</param>
    /// <param name="config">Its input channels follow from the two.</param>
    public AudioVisualPerceiver(PerceiverInput audio, PerceiverInput video, PerceiverConfig config)
    {
        int width = Math.Max(audio.Channels, video.Channels) + LeastCode;
        Audio = audio;
        Video = video;
        AudioPadding = new LearnedArray(1, width - audio.Channels);
        VideoPadding = new LearnedArray(1, width - video.Channels);
        Perceiver = new PerceiverModel(config with { InputChannels = width });
    }

    /// <summary>From sound to rows.</summary>
    public PerceiverInput Audio { get; }

    /// <summary>From video to rows.</summary>
    public PerceiverInput Video { get; }

    /// <summary>The code of sound.</summary>
    public LearnedArray AudioPadding { get; }

    /// <summary>The code of video.</summary>
    public LearnedArray VideoPadding { get; }

    /// <summary>From rows to latents and classes.</summary>
    public PerceiverModel Perceiver { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor sound, Tensor video)
    {
        if (sound.Size(0) != video.Size(0)) throw new TorchException($"audio and video: {sound.Size(0)} sounds for {video.Size(0)} videos");
        var rows = Tensor.Cat([Filled(Audio.Call(sound), AudioPadding), Filled(Video.Call(video), VideoPadding)], 1);
        return Perceiver.Classify(Perceiver.Call(rows, null));
    }

    private static Tensor Filled(Tensor rows, LearnedArray code) =>
        Tensor.Cat([rows, code.PosEmbs.Unsqueeze(0).Expand([rows.Size(0), rows.Size(1), -1])], 2);
}

/// <summary>An input, an encoder and a decoder of one learned query: Perceiver IO as a classifier; <c>-> (N, classes)</c>. 2107.14795 §4.3,
/// perceiver.py <c>ClassificationDecoder</c>.</summary>
public sealed partial class PerceiverIoClassifier : Module<Tensor, Tensor>
{
    /// <summary>Haiku's initial numbers.</summary>
    /// <param name="input">Makes rows.</param>
    /// <param name="config">Its input channels are those of <paramref name="input"/>; its classes the decoder's outputs.</param>
    /// <param name="queryResidual">Whether the decoder's query stays in the sum.</param>
    /// <param name="decoderHeads">Of the decoder's attention.</param>
    public PerceiverIoClassifier(PerceiverInput input, PerceiverConfig config, bool queryResidual = true, int decoderHeads = 1)
    {
        if (config.Classes < 1)
            throw new ArgumentException("Perceiver IO: one class at least is needed; for latents use the encoder alone", nameof(config));
        Input = input;
        Encoder = new PerceiverEncoder(config with { InputChannels = input.Channels });
        Decoder = new PerceiverDecoder(config.Width, config.Width, config.Classes, 1, new AttentionBlockOptions
        {
            Heads = decoderHeads,
            QueryKeyChannels = config.QueryKeyChannels,
            ValueChannels = config.ValueChannels,
            QueryResidual = queryResidual,
            NormEps = config.NormEps,
            Gelu = config.Gelu,
        });
    }

    /// <summary>From data to rows.</summary>
    public PerceiverInput Input { get; }

    /// <summary>From rows to latents.</summary>
    public PerceiverEncoder Encoder { get; }

    /// <summary>From latents to classes.</summary>
    public PerceiverDecoder Decoder { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor data) => Decoder.Decode(Encoder.Call(Input.Call(data), null)).Squeeze(1);
}
