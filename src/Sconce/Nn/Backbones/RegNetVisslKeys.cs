using System.Text.RegularExpressions;

namespace Sconce.Nn.Backbones;

/// <summary>
/// The keys of the same network in VISSL's checkpoints (SEER, SwAV), for <see cref="Weights.LoadOptions.Rename"/>:
/// facebookresearch/vissl vissl/models/trunks/regnet.py around facebookresearch/ClassyVision classy_vision/models/anynet.py.
/// </summary>
public static partial class RegNetVisslKeys
{
    /// <summary><c>_feature_blocks.res2.block1-0.f.final_bn.weight</c> becomes <c>trunk_output.block1.block1-0.f.c.1.weight</c>; null for a
    /// key that belongs to no trunk.</summary>
    /// <param name="key">A key of VISSL's trunk, with or without <c>_feature_blocks.</c>, or ClassyVision's own.</param>
    public static string? ToTorchvision(string key)
    {
        string plain = key.StartsWith("_feature_blocks.", StringComparison.Ordinal) ? key["_feature_blocks.".Length..] : key;
        if (Stem().Match(plain) is { Success: true } stem) return "stem." + stem.Groups["rest"].Value;
        if (Block().Match(plain) is not { Success: true } block) return null;
        string rest = block.Groups["rest"].Value;
        foreach (var (classy, torchvision) in Parts)
        {
            if (rest.StartsWith(classy, StringComparison.Ordinal)) rest = torchvision + rest[classy.Length..];
        }

        return $"trunk_output.block{block.Groups["stage"].Value}.{block.Groups["block"].Value}.{rest}";
    }

    private static readonly (string Classy, string Torchvision)[] Parts =
    [
        ("proj.", "proj.0."),
        ("bn.", "proj.1."),
        ("f.se.excitation.0.", "f.se.fc1."),
        ("f.se.excitation.2.", "f.se.fc2."),
        ("f.c.", "f.c.0."),
        ("f.final_bn.", "f.c.1."),
    ];

    [GeneratedRegex(@"^(conv1|stem)\.stem\.(?<rest>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Stem();

    [GeneratedRegex(@"^(res\d+|trunk_output\.block\d+)\.(?<block>block(?<stage>\d+)-\d+)\.(?<rest>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Block();
}
