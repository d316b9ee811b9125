using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Networks;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>The card of T2T-ViT.</summary>
public sealed class T2TVitSystem : CatalogueSystem
{
    private const string Releases = "https://github.com/yitu-opensource/T2T-ViT/releases/download/main/";

    private static readonly T2TVitConfig Lite = new(256, 7, 4) { MlpRatio = 2 }, Fourteen = new(384, 14, 6), Nineteen = new(448, 19, 7),
        TwentyFour = new(512, 24, 8);

    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "t2t_vit",
        "T2T-ViT",
        "2021-W04",
        SystemTask.Classification,
        new Paper(
            "Tokens-to-Token ViT: Training Vision Transformers from Scratch on ImageNet",
            "Yuan, Chen, Wang, Yu, Shi, Jiang, Tay, Feng, Yan",
            2021,
            "2101.11986",
            "yitu-opensource/T2T-ViT@0f63dc95"),
        "A vision transformer for ordinary amounts of data: overlapping windows with a little attention between make the tokens, and a "
            + "deep, narrow encoder reads them.");

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        Variant("t2t_vit_7", "T2T-ViT-7", Lite, 4_259_790, "71.7_T2T_ViT_7.pth.tar", "71.7"),
        Variant("t2t_vit_10", "T2T-ViT-10", Lite with { Depth = 10 }, 5_838_798, "75.2_T2T_ViT_10.pth.tar", "75.2"),
        Variant("t2t_vit_12", "T2T-ViT-12", Lite with { Depth = 12 }, 6_891_470, "76.5_T2T_ViT_12.pth.tar", "76.5"),
        Variant("t2t_vit_14", "T2T-ViT-14", Fourteen, 21_469_902, "81.5_T2T_ViT_14.pth.tar", "81.5"),
        Variant("t2t_vit_14_384", "T2T-ViT-14 at 384 pixels", Fourteen with { ImageSize = 384 }, 21_469_902,
            "83.3_T2T_ViT_14.pth.tar", "83.3"),
        Variant("t2t_vit_19", "T2T-ViT-19", Nineteen, 39_089_166, "81.9_T2T_ViT_19.pth.tar", "81.9"),
        Variant("t2t_vit_24", "T2T-ViT-24", TwentyFour, 64_005_070, "82.3_T2T_ViT_24.pth.tar", "82.3"),
        Variant("t2t_vit_t_14", "T2T-ViT_t-14", Softmax(Fourteen), 21_465_422, "81.7_T2T_ViTt_14.pth.tar", "81.7"),
        Variant("t2t_vit_t_19", "T2T-ViT_t-19", Softmax(Nineteen), 39_084_686, "82.4_T2T_ViTt_19.pth.tar", "82.4"),
        Variant("t2t_vit_t_24", "T2T-ViT_t-24", Softmax(TwentyFour), 64_000_590, "82.6_T2T_ViTt_24.pth.tar", "82.6"),
        Variant("t2t_vit_14_resnext", "T2T-ViT-14 with 32 heads, after ResNeXt", Fourteen with { Heads = 32 }, 21_469_902),
        Variant("t2t_vit_14_wide", "T2T-ViT, wide and shallow, after wide ResNets", new(768, 4, 12), 25_005_006),
        Variant("t2t_vit_14_se", "T2T-ViT-14 with gated channels, after SENet",
            Fourteen with { Backbone = T2TBackbone.SqueezeExcite }, 21_727_950),
        Variant("t2t_vit_16_ghost", "T2T-ViT-16 with cheap copies, after GhostNet",
            Fourteen with { Depth = 16, Backbone = T2TBackbone.Ghost }, 16_177_614),
        Variant("t2t_vit_dense", "T2T-ViT with growing channels, after DenseNet",
            new(128, 12, 8) { Backbone = T2TBackbone.Dense, MlpRatio = 2, GrowthRate = 64, DenseGroups = [3, 6, 6, 4] }, 23_621_846),
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> ClaimNetworks => [T2TVitClaim.Network];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new T2TVitClaim();

    private static T2TVitConfig Softmax(T2TVitConfig config) => config with { TokenLayer = TokenLayer.Transformer };

    private static ModelVariant Variant(string name, string description, T2TVitConfig config, long parameters, string? file = null,
        string accuracy = "") => new(name, description, options => new T2TVisionTransformer(With(config, options)))
        {
            Capabilities =
            [
                TensorInput.Pictures(config.ImageSize),
                new ImageClassifier(config.Classes, "head",
                    ImagePreprocessing.ImageNet(config.ImageSize, config.ImageSize > 224 ? 1 : 0.9, ResizeFilter.Bicubic)),
            ],
            Parameters = parameters,
            Weights = file is null
                ? [] : [new OfficialWeights(new Uri(Releases + file), "", "Clear BSD", $"The official file; {accuracy} % "
            + $"top-1 in the repository's table. Not downloaded or verified here.")],
            Load = static (module, path) => T2TWeights.Load((T2TVisionTransformer)module, path),
        };

    private static T2TVitConfig With(T2TVitConfig config, ModelOptions options) => config with
    {
        Classes = options.Classes ?? config.Classes,
        ImageSize = options.ImageSize ?? config.ImageSize,
        Dropout = options.Dropout ?? config.Dropout,
        DropPath = options.DropPath ?? config.DropPath,
    };
}
