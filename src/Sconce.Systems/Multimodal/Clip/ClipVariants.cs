using Sconce.Abilities;
using Sconce.Export;
using Sconce.Networks;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>The nine released models (2103.00020 Tables 19 and 20; openai/CLIP@d05afc4 clip/clip.py).</summary>
public static class ClipVariants
{
    private static readonly ClipTextConfig Text512 = new(512, 8, 12), Text640 = new(640, 10, 12), Text768 = new(768, 12, 12),
        Text1024 = new(1024, 16, 12);

    /// <summary>ResNet-50.</summary>
    public static ClipConfig Rn50 { get; } = new(1024, 224, new ClipResNetConfig(64, (3, 4, 6, 3)), Text512);

    /// <summary>ResNet-101.</summary>
    public static ClipConfig Rn101 { get; } = new(512, 224, new ClipResNetConfig(64, (3, 4, 23, 3)), Text512);

    /// <summary>Four times ResNet-50's work.</summary>
    public static ClipConfig Rn50x4 { get; } = new(640, 288, new ClipResNetConfig(80, (4, 6, 10, 6)), Text640);

    /// <summary>Sixteen times.</summary>
    public static ClipConfig Rn50x16 { get; } = new(768, 384, new ClipResNetConfig(96, (6, 8, 18, 8)), Text768);

    /// <summary>Sixty-four times.</summary>
    public static ClipConfig Rn50x64 { get; } = new(1024, 448, new ClipResNetConfig(128, (3, 15, 36, 10)), Text1024);

    /// <summary>ViT-Base with patches of 32 pixels.</summary>
    public static ClipConfig VitB32 { get; } = new(512, 224, new ClipVitConfig(768, 12, 32), Text512);

    /// <summary>ViT-Base with patches of 16 pixels.</summary>
    public static ClipConfig VitB16 { get; } = new(512, 224, new ClipVitConfig(768, 12, 16), Text512);

    /// <summary>ViT-Large with patches of 14 pixels.</summary>
    public static ClipConfig VitL14 { get; } = new(768, 224, new ClipVitConfig(1024, 24, 14), Text768);

    /// <summary>The same, trained one epoch more at 336 pixels.</summary>
    public static ClipConfig VitL14At336 { get; } = new(768, 336, new ClipVitConfig(1024, 24, 14), Text768);

    /// <summary>One that a processor can train: pictures of 64 pixels, 32 tokens.</summary>
    public static ClipConfig Small { get; } = new(128, 64, new ClipVitConfig(192, 4, 8),
        new ClipTextConfig(128, 2, 3) { ContextLength = 32 });

    /// <summary>The models under their official names.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        Variant("ViT-B/32", VitB32, 151_277_313, "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af", 63.2),
        Variant("ViT-B/16", VitB16, 149_620_737, "5806e77cd80f8b59890b7e101eabd078d9fb84e6937f9e85e4ecb61988df416f", 68.6),
        Variant("ViT-L/14", VitL14, 427_616_513, "b8cca3fd41ae0c99ba7e8951adf17d267cdb84cd88be6f7c2e0eca1737a03836", 75.3),
        Variant("ViT-L/14@336px", VitL14At336, 427_944_193, "3035c92b350959924f9f00213499208652fc7ea050643e8b385c2dac08641f02", 76.2),
        Variant("RN50", Rn50, 102_007_137, "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762", 59.6),
        Variant("RN101", Rn101, 119_688_033, "8fa8567bab74a42d41c5915025a8e4538c3bdbe8804a470a72f30b0d94fab599", 62.2),
        Variant("RN50x4", Rn50x4, 178_300_601, "7e526bd135e493cef0776de27d5f42653e6b4c8bf9e0f653bb11773263205fdd", 65.8),
        Variant("RN50x16", Rn50x16, 290_979_217, "52378b407f34354e150460fe41077663dd5b39c54cd0bfd2b27167a4a06ec9aa", 70.5),
        new("clip_small", "64 px, embedding 128: a small one for your own captions, without published weights", options =>
            new ClipModel(options.ImageSize is { } side ? Small with { ImageResolution = side } : Small))
        {
            Capabilities =
            [
                TensorInput.Pictures(Small.ImageResolution),
                new TakesPictures(ClipPreprocess.For(Small.ImageResolution)),
                new Exercise(Exercise),
            ],
        },
        Variant("RN50x64", Rn50x64, 623_258_305, "be1cfb55d75a9666199fb2206c106743da0f6468c9d327f3e0d0a543a9919d9c", 73.6),
    ];

    /// <summary>The configuration of an official name, or null; <c>ViT-B/32</c> and the file's <c>ViT-B-32</c> are alike.</summary>
    public static ClipConfig? Find(string name) => Plain(name) switch
    {
        "vit-b-32" => VitB32,
        "vit-b-16" => VitB16,
        "vit-l-14" => VitL14,
        "vit-l-14-336px" => VitL14At336,
        "rn50" => Rn50,
        "rn101" => Rn101,
        "rn50x4" => Rn50x4,
        "rn50x16" => Rn50x16,
        "rn50x64" => Rn50x64,
        _ => null,
    };

    /// <summary>Whether a name is one of these models.</summary>
    internal static bool IsClip(string name) => All.Any(variant => variant.Name == name);

    private static string Plain(string name) => name.ToLowerInvariant().Replace('/', '-').Replace('_', '-').Replace('@', '-');

    private static ModelVariant Variant(string name, ClipConfig config, long parameters, string sha256, double accuracy) =>
        new(name, $"{config.ImageResolution} px, embedding {config.EmbedDim}",
            options => new ClipModel(options.ImageSize is { } side ? config with { ImageResolution = side } : config))
        {
            Capabilities =
            [
                TensorInput.Pictures(config.ImageResolution),
                new TakesPictures(ClipPreprocess.For(config.ImageResolution)),
                new Exercise(Exercise),
                new Exportable(Functions),
            ],
            Parameters = parameters,
            Weights =
            [
                new OfficialWeights(
                    new Uri($"https://openaipublic.azureedge.net/clip/models/{sha256}/{name.Replace('/', '-').Replace('@', '-')}.pt"),
                    sha256,
                    "MIT",
                    $"400 million pairs from the web; ImageNet zero-shot {accuracy} % with 80 prompts (paper, Table 11). The address could "
                        + $"not be tried here."),
            ],
        };

    /// <summary>Pictures and sentences apart, each to its embedding, not yet of unit length.</summary>
    private static IReadOnlyList<ExportFunction> Functions(Nn.Module module)
    {
        var model = (ClipModel)module;
        int side = model.Config.ImageResolution;
        return
        [
            new("image", [ExportInput.Noise("image", 3, side, side)], ["embedding"], inputs => [model.EncodeImage(inputs[0])]),
            new("text", [ExportInput.Whole("tokens", 1, model.Config.Text.VocabularySize, model.Config.Text.ContextLength)], ["embedding"],
                inputs => [model.EncodeText(inputs[0])]),
        ];
    }

    /// <summary>A picture and a sentence each.</summary>
    private static void Exercise(Nn.Module module, int batch)
    {
        var model = (ClipModel)module;
        using var scope = new TensorScope();
        int side = model.Config.ImageResolution;
        var tokens = Tensor.Zeros([batch, model.Config.Text.ContextLength], DType.Int64);
        model.Call(Tensor.Randn([batch, 3, side, side]), tokens);
    }
}
