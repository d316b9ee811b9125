using Sconce.Nn;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>The layers before the first stage.</summary>
public enum NFNetStem
{
    /// <summary>One 3x3 convolution of stride 2 (NF-RegNets).</summary>
    Conv3,

    /// <summary>The same, then a max-pool of stride 2.</summary>
    Conv3Pool,

    /// <summary>One 7x7 convolution of stride 2.</summary>
    Conv7,

    /// <summary>The same, then a max-pool of stride 2 (NF-ResNets).</summary>
    Conv7Pool,

    /// <summary>Three 3x3 convolutions of half, half and the full width, the first of stride 2.</summary>
    Deep,

    /// <summary>The same, then a max-pool of stride 2.</summary>
    DeepPool,

    /// <summary>Three 3x3 convolutions of three eighths, half and the full width.</summary>
    DeepTiered,

    /// <summary>Four 3x3 convolutions of an eighth, a quarter, half and the full width, the first and the last of stride 2
    /// (NFNets).</summary>
    DeepQuad,
}

/// <summary>Builds stems.</summary>
internal static class NFNetStems
{
    /// <summary><c>(N, 3, H, W) -> (N, width, H/stride, W/stride)</c>; timm@aa4b585 create_stem.</summary>
    internal static (Sequential Stem, int Stride) Build(NFNetConfig config, int width, WeightStandardization weights, double gamma)
    {
        var widths = config.StemWidths ?? config.Stem switch
        {
            NFNetStem.Deep or NFNetStem.DeepPool => [width / 2, width / 2, width],
            NFNetStem.DeepTiered => [3 * width / 8, width / 2, width],
            NFNetStem.DeepQuad => [width / 8, width / 4, width / 2, width],
            _ => [width],
        };
        if (widths[^1] != width) throw new ArgumentException($"the stem's last width is {widths[^1]}, its own {width}");
        bool quad = config.Stem == NFNetStem.DeepQuad,
            pool = config.Stem is NFNetStem.Conv3Pool or NFNetStem.Conv7Pool or NFNetStem.DeepPool;
        int kernel = config.Stem is NFNetStem.Conv7 or NFNetStem.Conv7Pool ? 7 : 3, inputs = config.InputChannels, last = widths.Count - 1;
        var stem = new Sequential();
        for (int k = 0; k <= last; k++)
        {
            int stride = k == 0 || (quad && k == last) ? 2 : 1;
            stem[last == 0 ? "conv" : $"conv{k + 1}"] = new ScaledStdConv2d(inputs, widths[k], kernel, weights, stride);
            // The first block activates the last one's.
            if (k < last) stem[$"act{k + 2}"] = new GammaActivation(config.Activation, gamma, config.Gelu, inPlace: true);
            inputs = widths[k];
        }

        if (pool) stem["pool"] = new MaxPool2d(3, 2, 1);
        return (stem, quad || pool ? 4 : 2);
    }
}
