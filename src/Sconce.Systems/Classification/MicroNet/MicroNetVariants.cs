using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Networks;

namespace Sconce.Systems.Classification.MicroNet;

/// <summary>The released networks (liyunsheng13/micronet@ed89b26 backbone/microconfig.py and scripts).</summary>
public static class MicroNetVariants
{
    /// <summary>M0, of 4 million multiply-adds.</summary>
    public static MicroNetConfig M0 { get; } = new(MicroNetRow.Table(
        "2 1 8 3 2 2 0 4 8 2 2 2 0 1 1 | 2 1 12 3 2 2 0 8 12 4 4 2 2 1 1 | 2 1 16 5 2 2 0 12 16 4 4 2 2 1 1 | 1 1 32 5 1 4 4 4 32 4 "
            + "4 2 2 1 1 | " +
        "2 1 64 5 1 4 8 8 64 8 8 2 2 1 1 | 1 1 96 3 1 4 8 8 96 8 8 2 2 1 2 | 1 1 384 3 1 4 12 12 0 0 0 2 2 1 2"));

    /// <summary>M1, of 6 million multiply-adds.</summary>
    public static MicroNetConfig M1 { get; } = new(MicroNetRow.Table(
        "2 1 8 3 2 2 0 6 8 2 2 2 0 1 1 | 2 1 16 3 2 2 0 8 16 4 4 2 2 1 1 | 2 1 16 5 2 2 0 16 16 4 4 2 2 1 1 | 1 1 32 5 1 6 4 4 32 4 "
            + "4 2 2 1 1 | " +
        "2 1 64 5 1 6 8 8 64 8 8 2 2 1 1 | 1 1 96 3 1 6 8 8 96 8 8 2 2 1 2 | 1 1 576 3 1 6 12 12 0 0 0 2 2 1 2"))
    {
        StemChannels = 6,
        StemGroups = (3, 2),
        HeadWidth = 960,
    };

    /// <summary>M2, of 12 million multiply-adds.</summary>
    public static MicroNetConfig M2 { get; } = new(MicroNetRow.Table(
        "2 1 12 3 2 2 0 8 12 4 4 2 0 1 1 | 2 1 16 3 2 2 0 12 16 4 4 2 2 1 1 | 1 1 24 3 2 2 0 16 24 4 4 2 2 1 1 | 2 1 32 5 1 6 6 6 32 4 "
            + "4 2 2 1 1 | " +
        "1 1 32 5 1 6 8 8 32 4 4 2 2 1 2 | 1 1 64 5 1 6 8 8 64 8 8 2 2 1 2 | 2 1 96 5 1 6 8 8 96 8 8 2 2 1 2 | 1 1 128 3 1 6 12 12 128 8 "
        + "8 2 2 1 2 | " +
        "1 1 768 3 1 6 16 16 0 0 0 2 2 1 2"))
    {
        StemChannels = 8,
        StemGroups = (4, 2),
        HeadWidth = 1024,
        Dropout = 0.1,
    };

    /// <summary>M3, of 21 million multiply-adds: Dynamic Shift-Max after the depthwise convolutions only, its second branch an even mixture
    /// at first.</summary>
    public static MicroNetConfig M3 { get; } = new(MicroNetRow.Table(
        "2 1 16 3 2 2 0 12 16 4 4 0 2 0 1 | 2 1 24 3 2 2 0 16 24 4 4 0 2 0 1 | 1 1 24 3 2 2 0 24 24 4 4 0 2 0 1 | 2 1 32 5 1 6 6 6 32 4 "
            + "4 0 2 0 1 | " +
        "1 1 32 5 1 6 8 8 32 4 4 0 2 0 2 | 1 1 64 5 1 6 8 8 48 8 8 0 2 0 2 | 1 1 80 5 1 6 8 8 80 8 8 0 2 0 2 | 1 1 80 5 1 6 10 10 80 8 "
        + "8 0 2 0 2 | " +
        "2 1 120 5 1 6 10 10 120 10 10 0 2 0 2 | 1 1 120 5 1 6 12 12 120 10 10 0 2 0 2 | 1 1 144 3 1 6 12 12 144 12 12 0 2 0 2 | 1 1 864 3 "
        + "1 6 12 12 0 0 0 0 2 0 2"))
    {
        StemChannels = 12,
        StemGroups = (4, 3),
        HeadWidth = 1024,
        Dropout = 0.1,
        InitialA = (1, 0.5),
        InitialB = (0, 0.5),
    };

    /// <summary>All of them under their official names.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
    [
        Variant("micronet_m0", M0, 4, 1_019_590, 46.6),
        Variant("micronet_m1", M1, 6, 1_777_587, 51.4),
        Variant("micronet_m2", M2, 12, 2_393_876, 59.4),
        Variant("micronet_m3", M3, 21, 2_622_960, 62.5),
    ];

    private static ModelVariant Variant(string name, MicroNetConfig config, int millions, long parameters, double accuracy) =>
        new(name, $"{millions} million multiply-adds, ImageNet-1k at 224 px",
            options => new MicroNet(config with { Classes = options.Classes ?? 1000, Dropout = options.Dropout ?? config.Dropout }))
        {
            Capabilities = [TensorInput.Pictures(224), new ImageClassifier(1000, "classifier.2", ImagePreprocessing.ImageNet(224))],
            Parameters = parameters,
            Weights =
            [
                new OfficialWeights(
                    new Uri($"http://www.svcl.ucsd.edu/projects/micronet/assets/{name.Replace('_', '-')}.pth"),
                    Licence: "MIT",
                    Note: $"ImageNet-1k, top-1 {accuracy:0.0} published; neither the address nor the figure could be verified here"),
            ],
        };
}
