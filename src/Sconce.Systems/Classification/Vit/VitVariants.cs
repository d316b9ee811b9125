using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn.Backbones;
using Sconce.Weights;

namespace Sconce.Systems.Classification.Vit;

/// <summary>The networks under timm's names; 2010.11929 table 1, with the small ones of 2106.10270.</summary>
internal static class VitVariants
{
    private const string Google = "https://storage.googleapis.com/vit_models/augreg/";
    private const string Converted = "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-vitjx/";
    private const string Unverified = "Not downloaded or verified here.";

    private static readonly VitConfig Tiny = new(192, 12, 3), Small = new(384, 12, 6), Base = new(768, 12, 12), Large = new(1024, 24, 16),
        Huge = new(1280, 32, 16);

    internal static IReadOnlyList<ModelVariant> All { get; } =
    [
        Variant("vit_tiny_patch16_224", "Ti/16", Tiny, 16, 224, 5_717_416, AugReg("Ti_16", "none", "0.03", 0, "0.03", 224, "75.45")),
        Variant("vit_small_patch32_224", "S/32", Small, 32, 224, 22_878_952, AugReg("S_32", "light1", "0.03", 0, "0.03", 224, "76.01")),
        Variant("vit_small_patch16_224", "S/16", Small, 16, 224, 22_050_664, AugReg("S_16", "light1", "0.03", 0, "0.03", 224, "81.40")),
        Variant("vit_base_patch32_224", "B/32", Base, 32, 224, 88_224_232, AugReg("B_32", "medium1", "0.03", 0, "0.03", 224, "80.73")),
        Variant("vit_base_patch16_224", "B/16", Base, 16, 224, 86_567_656, AugReg("B_16", "medium1", "0.1", 0, "0.01", 224, "84.53"),
            Original("jx_vit_base_p16_224-80ecf9dd.pth", "81.78")),
        Variant("vit_base_patch16_384", "B/16", Base, 16, 384, 86_859_496, AugReg("B_16", "medium1", "0.1", 0, "0.01", 384, "86.01"),
            Original("jx_vit_base_p16_384-83fb41ba.pth", "84.21")),
        Variant("vit_base_patch8_224", "B/8", Base, 8, 224, 86_576_872, AugReg("B_8", "medium1", "0.1", 0, "0.01", 224, "85.84")),
        Variant("vit_large_patch16_224", "L/16", Large, 16, 224, 304_326_632, AugReg("L_16", "medium1", "0.1", 0.1, "0.01", 224, "85.86")),
        Variant("vit_large_patch16_384", "L/16", Large, 16, 384, 304_715_752, AugReg("L_16", "medium1", "0.1", 0.1, "0.01", 384, "87.10")),
        Variant("vit_large_patch32_384", "L/32", Large, 32, 384, 306_632_680, Original("jx_vit_large_p32_384-9b920ba8.pth", "81.51")),
        Variant("vit_huge_patch14_224", "H/14", Huge, 14, 224, 632_045_800),
    ];

    private static ModelVariant Variant(string name, string title, VitConfig model, int patch, int size, long parameters,
        params OfficialWeights[] weights)
    {
        var config = model with { PatchSize = patch, ImageSize = size };
        return new ModelVariant(name, $"ViT-{title} at {size} pixels", options => new VisionTransformer(With(config, options)))
        {
            Capabilities =
            [
                TensorInput.Pictures(size),
                new ImageClassifier(config.Classes, "head", ImagePreprocessing.Symmetric(size, size > 224 ? 1 : 0.9)),
            ],
            Parameters = parameters,
            Weights = weights,
            Load = static (module, path) =>
            {
                if (path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase)) GoogleWeights.Load((VisionTransformer)module, path);
                else ModelWeights.Load(module, path);
            },
        };
    }

    private static VitConfig With(VitConfig config, ModelOptions options) => config with
    {
        Classes = options.Classes ?? config.Classes,
        ImageSize = options.ImageSize is { } size ? size : config.ImageSize,
        Dropout = options.Dropout ?? config.Dropout,
        Block = config.Block with { DropPath = options.DropPath ?? config.Block.DropPath },
    };

    /// <summary>Google's files of 2106.10270, trained on ImageNet-21k, then on ImageNet: GoogleWeights reads them.</summary>
    private static OfficialWeights AugReg(string model, string augmentation, string decay, double dropout, string rate, int size,
        string accuracy)
    {
        string drop = dropout == 0 ? "0.0" : "0.1";
        string file = $"{model}-i21k-300ep-lr_0.001-aug_{augmentation}-wd_{decay}-do_{drop}-sd_{drop}--"
            + $"imagenet2012-steps_20k-lr_{rate}-res_{size}.npz";
        return new OfficialWeights(new Uri(Google + file), "", "Apache-2.0",
            $"Google's file (.npz, for GoogleWeights), ImageNet-21k then ImageNet; {accuracy} % top-1 in timm's table. {Unverified}");
    }

    /// <summary>The paper's own weights as timm converted them.</summary>
    private static OfficialWeights Original(string file, string accuracy) =>
        new(new Uri(Converted + file), file[(file.LastIndexOf('-') + 1)..^4], "Apache-2.0",
            $"The paper's weights as timm converted them; {accuracy} % top-1 in timm's table. {Unverified}");
}
