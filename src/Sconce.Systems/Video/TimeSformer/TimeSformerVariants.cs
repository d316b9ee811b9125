using System.Globalization;
using Sconce.Abilities;
using Sconce.Networks;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>How a network's clips are taken from videos.</summary>
/// <param name="Config">Its dimensions.</param>
/// <param name="Rate">Frames from one of a clip to the next, at 30 a second; null for equal parts of the whole video
/// (Something-Something).</param>
public sealed record TimeSformerRecipe(TimeSformerConfig Config, int? Rate)
{
    /// <summary>A video's frames for a test clip.</summary>
    /// <param name="available">Frames of the video.</param>
    /// <param name="frameRate">Of the video, frames a second.</param>
    public long[] Frames(long available, double frameRate) =>
        Rate is { } rate ? ClipSampling.ByRate(available, frameRate, Config.Frames, rate)
        : ClipSampling.BySegments(available, Config.Frames);
}

/// <summary>The networks of configs/Kinetics and configs/SSv2 @a5ef29a; 2102.05095 tables 1, 2 and 5.</summary>
public static class TimeSformerVariants
{
    private const string Released = "https://www.dropbox.com/s/";

    private static readonly TimeSformerConfig Base = new(768, 12, 12);

    private static readonly TimeSformerConfig Small = new(192, 4, 3) { ImageSize = 64, PatchSize = 8, Classes = 10 };

    private static readonly (string Name, string Description, TimeSformerRecipe Recipe, long Parameters, string File,
        string Accuracy)[] Entries =
    [
        ("timesformer_divst_8x32_224_k400", "TimeSformer on Kinetics-400", new(Base, 32), 121_566_352,
            "g5t24we9gl5yk88/TimeSformer_divST_8x32_224_K400.pyth", "77.9"),
        ("timesformer_divst_16x16_448_k400", "TimeSformer-HR on Kinetics-400", new(High(16), 16), 122_024_080,
            "6f0x172lpqy3oxt/TimeSformer_divST_16x16_448_K400.pyth", "79.6"),
        ("timesformer_divst_96x4_224_k400", "TimeSformer-L on Kinetics-400", new(Base with { Frames = 96 }, 4), 121_633_936,
            "r1iuxahif3sgimo/TimeSformer_divST_96x4_224_K400.pyth", "80.6"),
        ("timesformer_jointst_8x32_224_k400", "attention over space and time at once, on Kinetics-400",
            new(Base with { Attention = SpaceTimeAttention.Joint }, 32), 86_112_400, "", ""),
        ("timesformer_spaceonly_8x32_224_k400", "frames by themselves, on Kinetics-400",
            new(Base with { Attention = SpaceTimeAttention.SpaceOnly }, 32), 86_106_256, "", ""),
        ("timesformer_divst_8x32_224_k600", "TimeSformer on Kinetics-600", new(Base with { Classes = 600 }, 32), 121_720_152,
            "4h2qt41m2z3aqrb/TimeSformer_divST_8x32_224_K600.pyth", "79.1"),
        ("timesformer_divst_16x16_448_k600", "TimeSformer-HR on Kinetics-600", new(High(16) with { Classes = 600 }, 16), 122_177_880,
            "ft1e92g2vhvxecv/TimeSformer_divST_16x16_448_K600.pyth", "81.8"),
        ("timesformer_divst_96x4_224_k600", "TimeSformer-L on Kinetics-600", new(Base with { Frames = 96, Classes = 600 }, 4), 121_787_736,
            "857rx6xeclxfhdg/TimeSformer_divST_96x4_224_K600.pyth", "82.2"),
        ("timesformer_divst_8_224_ssv2", "TimeSformer on Something-Something v2", new(Base with { Classes = 174 }, null), 121_392_558,
            "tybhuml57y24wpm/TimeSformer_divST_8_224_SSv2.pyth", "59.1"),
        ("timesformer_divst_16_448_ssv2", "TimeSformer-HR on Something-Something v2", new(High(16) with { Classes = 174 }, null),
            121_850_286, "9t68uzk8w2fpfnv/TimeSformer_divST_16_448_SSv2.pyth", "61.8"),
        ("timesformer_divst_64_224_ssv2", "TimeSformer-L on Something-Something v2", new(Base with { Frames = 64, Classes = 174 }, null),
            121_435_566, "3f1rm2al8mhprwa/TimeSformer_divST_64_224_SSv2.pyth", "62.0"),
        ("timesformer_small", "a small one for your own clips, without published weights", new(Small, 4), 2_575_690, "", ""),
    ];

    /// <summary>Their cards.</summary>
    public static IReadOnlyList<ModelVariant> All { get; } =
        [.. Entries.Select(entry => Variant(entry.Name, entry.Description, entry.Recipe, entry.Parameters, entry.File, entry.Accuracy))];

    /// <summary>How the clips of one are taken; null where there is none of that name.</summary>
    public static TimeSformerRecipe? Recipe(string name) =>
        name == TimeSformerClaim.Network.Name ? new TimeSformerRecipe(TimeSformerClaim.Config(SpaceTimeAttention.Divided), null)
            : Array.Find(Entries, entry => entry.Name == name).Recipe;

    /// <summary>The classes' names: Kinetics-400's, and numbers for the others.</summary>
    internal static IReadOnlyList<string> Labels(int classes) =>
        classes == Kinetics400.Count ? Kinetics400
        : [.. Enumerable.Range(0, classes).Select(k => string.Create(CultureInfo.InvariantCulture, $"class {k}"))];

    /// <summary>The 400 actions of Kinetics-400 in the order of every official classifier, which is that of the alphabet.</summary>
    public static IReadOnlyList<string> Kinetics400 { get; } = Read();

    private static TimeSformerConfig High(int frames) => Base with { ImageSize = 448, Frames = frames };

    private static ModelVariant Variant(string name, string description, TimeSformerRecipe recipe, long parameters, string file,
        string accuracy)
    {
        var config = recipe.Config;
        int size = config.ImageSize.Height;
        string taken = recipe.Rate is { } rate ? $"{config.Frames} frames, every {rate}th" : $"{config.Frames} frames of the whole video";
        return new ModelVariant(name, $"{description}: {taken}, {size} pixels", options => new VideoTransformer(With(config, options)))
        {
            Capabilities = [new TensorInput(3, config.Frames, size, size), new ClassLogits(config.Classes, "head")],
            Parameters = parameters,
            Weights = file.Length == 0 ? []
                : [new OfficialWeights(new Uri($"{Released}{file}?dl=1"), "", "CC-BY-NC 4.0", $"The official file; {accuracy} % top-1 with "
                    + $"3 crops in the repository's table. Not downloaded or verified here.")],
            Load = static (module, path) => TimeSformerWeights.Load((VideoTransformer)module, path),
        };
    }

    private static TimeSformerConfig With(TimeSformerConfig config, ModelOptions options) => config with
    {
        Classes = options.Classes ?? config.Classes,
        ImageSize = options.ImageSize is { } size ? size : config.ImageSize,
        Dropout = options.Dropout ?? config.Dropout,
        DropPath = options.DropPath ?? config.DropPath,
    };

    private static string[] Read()
    {
        using var stream = typeof(TimeSformerVariants).Assembly.GetManifestResourceStream("TimeSformer.kinetics400-classes")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
