using Sconce.Abilities;
using Sconce.Data;
using Sconce.Export;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>The paper's networks (2103.03206 table 1 and §4; those for sound are from the text, without published code) and the released
/// ones of Perceiver IO (2107.14795, deepmind-research@f5de0ede perceiver/colabs).</summary>
public static class PerceiverVariants
{
    private const int Side = 224, Points = 2048, SamplesPerRow = 128, Samples = 61_440, Frames = 32, AudioSetClasses = 527;
    private const int SmallSide = 32, SmallSamples = 16_000, SmallPoints = 512, Rate = 48_000, SmallRate = 16_000;
    private const string Released = "https://storage.googleapis.com/perceiver_io/imagenet_";

    private static readonly FourierFeatures PixelFeatures = new(64, [Side, Side]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        Pictures("perceiver_imagenet", "reads all 50,176 pixels eight times; top-1 78.0 in the paper, no weights released", 44_912_254,
            (config, _) => new PerceiverClassifier(new PixelInput(PixelFeatures), config)),
        new("perceiver_modelnet40", "2,048 points in space; 85.7 on ModelNet40 in the paper, no weights released", options =>
            new PerceiverClassifier(new PointInput(new FourierFeatures(64, [2240, 2240, 2240])), Config(options, 40) with { Rounds = 2 }))
        {
            Capabilities = [new TensorInput(Points, 3), new PointClassifier(40, "perceiver.head.logits")],
            Parameters = 44_772_202,
        },
        new("perceiver_audioset_audio", "1.28 s of sound at 48 kHz, in rows of 128 samples; widths of the networks for AudioSet are "
            + "not certain", options => new PerceiverClassifier(Audio, AudioSet(options)))
        {
            Capabilities = [new TensorInput(Samples), new SoundClassifier(AudioSetClasses, "perceiver.head.logits")],
            Parameters = 16_320_541,
        },
        new("perceiver_audioset_video", "32 frames of 224 x 224 pixels, in blocks of 2 x 8 x 8",
            options => new PerceiverClassifier(Video, AudioSet(options)))
        {
            Capabilities = [new TensorInput(3, Frames, Side, Side), new ClassLogits(AudioSetClasses, "perceiver.head.logits")],
            Parameters = 18_176_593,
        },
        new("perceiver_audioset", "sound and video together, told apart by a learned code",
            options => new AudioVisualPerceiver(Audio, Video, AudioSet(options)))
        {
            Capabilities =
            [
                new ClassLogits(AudioSetClasses, "perceiver.head.logits"),
                new Exercise(static (module, batch) =>
                {
                    using var scope = new TensorScope();
                    ((AudioVisualPerceiver)module).Call(Tensor.Randn([batch, Samples]), Tensor.Randn([batch, 3, Frames, Side, Side]));
                }),
                new Exportable(static module =>
                [
                    new ExportFunction(
                        "", [ExportInput.Noise("audio", Samples), ExportInput.Noise("video", 3, Frames, Side, Side)], ["logits"],
                        inputs => [((AudioVisualPerceiver)module).Call(inputs[0], inputs[1])]),
                ]),
            ],
            Parameters = 18_193_323,
        },
        new("perceiver_small_audio", "a second of sound at 16 kHz, in rows of 64 samples; small, without published weights", options =>
            new PerceiverClassifier(new AudioInput(64, new FourierFeatures(32, [SmallSamples / 64.0])), Small(options)))
        {
            Capabilities = [new TensorInput(SmallSamples), new SoundClassifier(10, "perceiver.head.logits")],
            Parameters = 273_688,
        },
        new("perceiver_small_points", "512 points in space; small, without published weights", options =>
            new PerceiverClassifier(new PointInput(new FourierFeatures(16, [64, 64, 64])), Small(options)))
        {
            Capabilities = [new TensorInput(SmallPoints, 3), new PointClassifier(10, "perceiver.head.logits")],
            Parameters = 234_508,
        },
        new("perceiver_small", "pictures of 32 px, every pixel a row; small, without published weights", options =>
            new PerceiverClassifier(new PixelInput(new FourierFeatures(16, [SmallSide, SmallSide])), Small(options)))
        {
            Capabilities =
            [
                TensorInput.Pictures(SmallSide),
                new ImageClassifier(10, "perceiver.head.logits", ImagePreprocessing.Symmetric(SmallSide, 1)),
            ],
            Parameters = 202_528,
        },
        Io("perceiver_io_imagenet", "Perceiver IO on pixels with Fourier features", 48_440_627, "fourier_position_encoding", "79.0",
            (config, _) => new PerceiverIoClassifier(new PixelInput(PixelFeatures), config)),
        Io("perceiver_io_imagenet_learned", "Perceiver IO with learned positions: it is told nothing of the grid", 62_255_848,
            "learned_position_encoding", "72.7",
            (config, side) => new PerceiverIoClassifier(new LearnedPixelInput(side, side, 256), config, queryResidual: false)),
        Io("perceiver_io_imagenet_conv", "Perceiver IO after one convolution and pooling", 48_646_522, "conv_preprocessing", "82.1",
            (config, _) => new PerceiverIoClassifier(new ConvolvedInput(new FourierFeatures(64, [56, 56])), config)),
    ];

    /// <summary>How files become the input of a network of sounds or points; null for others.</summary>
    internal static FileForm? FormOf(string name) => name switch
    {
        "perceiver_audioset_audio" => new SoundForm(Samples, Rate),
        "perceiver_small_audio" => new SoundForm(SmallSamples, SmallRate),
        "perceiver_modelnet40" => new PointForm(Points),
        "perceiver_small_points" => new PointForm(SmallPoints),
        _ => null,
    };

    /// <summary>Narrow latents begin wider apart: a deviation of 0.02 is too small for them.</summary>
    private static PerceiverConfig Small(ModelOptions options) => Config(options, 10) with
    {
        Latents = 48,
        Width = 96,
        Rounds = 3,
        SelfAttentions = 2,
        SelfHeads = 4,
        LatentDeviation = 0.3,
    };

    private static PerceiverInput Audio => new AudioInput(SamplesPerRow, new FourierFeatures(192, [Samples / SamplesPerRow]));

    private static PerceiverInput Video => new VideoInput((2, 8, 8), new FourierFeatures(64, [Frames / 2, Side / 8, Side / 8]));

    private static PerceiverConfig Config(ModelOptions options, int classes) => new(0) { Classes = options.Classes ?? classes };

    private static PerceiverConfig AudioSet(ModelOptions options) =>
        Config(options, AudioSetClasses) with { Rounds = 2, SelfAttentions = 8, Width = 512 };

    private static ModelVariant Io(string name, string description, long parameters, string file, string accuracy,
        Func<PerceiverConfig, int, Module<Tensor, Tensor>> create) =>
        Pictures(name, description, parameters, create, "decoder.output") with
        {
            Weights =
            [
                new OfficialWeights(new Uri($"{Released}{file}.pystate"), Licence: "CC BY 4.0",
                    Note: $"a pickle of Haiku's arrays; top-1 {accuracy} in the paper; neither the file nor the figure could be verified "
                        + "here"),
            ],
            Load = PerceiverWeights.Load,
        };

    private static ModelVariant Pictures(string name, string description, long parameters,
        Func<PerceiverConfig, int, Module<Tensor, Tensor>> create, string head = "perceiver.head.logits") =>
        new(name, description, options => create(Config(options, 1000), options.ImageSize ?? Side))
        {
            Capabilities =
            [
                TensorInput.Pictures(Side),
                new ImageClassifier(1000, head, ImagePreprocessing.ImageNet(Side, Side / 256.0, ResizeFilter.Bicubic)),
            ],
            Parameters = parameters,
        };
}
