using Sconce.Nn.Backbones;

namespace Sconce.Systems.Classification.RegNets;

/// <summary>
/// What is published of a network, beside the five numbers from which the rest must follow: the paper's and torchvision's tables, with
/// multiply-adds at 224 pixels in billions, rounded to a tenth (torchvision models/regnet.py <c>_ops</c>).
/// </summary>
/// <param name="Name">torchvision's.</param>
/// <param name="Design">The five numbers.</param>
/// <param name="Widths">Of the stages.</param>
/// <param name="Depths">Of the stages.</param>
/// <param name="Parameters">Of the classifier for ImageNet.</param>
/// <param name="BillionOperations">Multiply-adds.</param>
public sealed record RegNetPublished(string Name, RegNetDesign Design, int[] Widths, int[] Depths, long Parameters,
    double BillionOperations)
{
    /// <summary>The fourteen networks of the paper, as torchvision has them.</summary>
    public static IReadOnlyList<RegNetPublished> All { get; } =
    [
        new("regnet_y_400mf", new(16, 48, 27.89, 2.09, 8), [48, 104, 208, 440], [1, 3, 6, 6], 4_344_144, 0.4),
        new("regnet_y_800mf", new(14, 56, 38.84, 2.40, 16), [64, 144, 320, 784], [1, 3, 8, 2], 6_432_512, 0.8),
        new("regnet_y_1_6gf", new(27, 48, 20.71, 2.65, 24), [48, 120, 336, 888], [2, 6, 17, 2], 11_202_430, 1.6),
        new("regnet_y_3_2gf", new(21, 80, 42.63, 2.66, 24), [72, 216, 576, 1512], [2, 5, 13, 1], 19_436_338, 3.2),
        new("regnet_y_8gf", new(17, 192, 76.82, 2.19, 56), [224, 448, 896, 2016], [2, 4, 10, 1], 39_381_472, 8.5),
        new("regnet_y_16gf", new(18, 200, 106.23, 2.48, 112), [224, 448, 1232, 3024], [2, 4, 11, 1], 83_590_140, 15.9),
        new("regnet_y_32gf", new(20, 232, 115.89, 2.53, 232), [232, 696, 1392, 3712], [2, 5, 12, 1], 145_046_770, 32.3),
        new("regnet_x_400mf", new(22, 24, 24.48, 2.54, 16), [32, 64, 160, 400], [1, 2, 7, 12], 5_495_976, 0.4),
        new("regnet_x_800mf", new(16, 56, 35.73, 2.28, 16), [64, 128, 288, 672], [1, 3, 7, 5], 7_259_656, 0.8),
        new("regnet_x_1_6gf", new(18, 80, 34.01, 2.25, 24), [72, 168, 408, 912], [2, 4, 10, 2], 9_190_136, 1.6),
        new("regnet_x_3_2gf", new(25, 88, 26.31, 2.25, 48), [96, 192, 432, 1008], [2, 6, 15, 2], 15_296_552, 3.2),
        new("regnet_x_8gf", new(23, 80, 49.56, 2.88, 120), [80, 240, 720, 1920], [2, 5, 15, 1], 39_572_648, 8.0),
        new("regnet_x_16gf", new(22, 216, 55.59, 2.10, 128), [256, 512, 896, 2048], [2, 6, 13, 1], 54_278_536, 15.9),
        new("regnet_x_32gf", new(23, 320, 69.86, 2.00, 168), [336, 672, 1344, 2520], [2, 7, 13, 1], 107_811_560, 31.7),
    ];

    /// <summary>What differs between the rule's network and the published one; empty where nothing does.</summary>
    /// <param name="parameters">Of the network that was built.</param>
    public string Difference(long parameters)
    {
        var config = RegNetVariants.Config(Name, Design);
        var faults = new List<string>();
        if (!config.Stages.Select(stage => stage.Width).SequenceEqual(Widths))
            faults.Add($"widths {string.Join(", ", config.Stages.Select(stage => stage.Width))}");
        if (!config.Stages.Select(stage => stage.Depth).SequenceEqual(Depths))
            faults.Add($"depths {string.Join(", ", config.Stages.Select(stage => stage.Depth))}");
        if (parameters != Parameters) faults.Add($"{parameters} parameters");
        double operations = RegNetCost.Of(config).MultiplyAdds / 1e9;
        if (Math.Abs(operations - BillionOperations) > 0.05) faults.Add($"{operations:0.000} billion multiply-adds");
        return faults.Count == 0 ? "" : $"{Name}: {string.Join("; ", faults)}";
    }
}
