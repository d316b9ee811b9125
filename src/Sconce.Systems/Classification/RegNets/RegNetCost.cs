using Sconce.Nn.Backbones;

namespace Sconce.Systems.Classification.RegNets;

/// <summary>What a RegNet costs, from its configuration alone: the largest have tens of gigabytes of parameters.</summary>
/// <param name="Parameters">Trainable numbers.</param>
/// <param name="MultiplyAdds">Of convolutions and the classifier, for one picture.</param>
public sealed record RegNetCost(long Parameters, long MultiplyAdds)
{
    /// <summary>Counts.</summary>
    /// <param name="config">The network.</param>
    /// <param name="side">Of the square picture, in pixels.</param>
    public static RegNetCost Of(RegNetConfig config, int side = 224)
    {
        long parameters = 0, operations = 0;
        int map = Shrunk(side, config.StemStride), inputs = config.StemWidth;
        Convolution(config.InputChannels, inputs, 9, 1, map);
        foreach (var stage in config.Stages)
        {
            for (int k = 0; k < stage.Depth; k++)
            {
                int inner = config.Inner(stage), squeeze = config.Squeeze(inputs), stride = k == 0 ? stage.Stride : 1,
                    next = Shrunk(map, stride);
                if (inputs != stage.Width || stride != 1) Convolution(inputs, stage.Width, 1, 1, next);
                Convolution(inputs, inner, 1, 1, map);
                Convolution(inner, inner, 9, inner / stage.GroupWidth, next);
                if (squeeze > 0)
                {
                    parameters += (2L * inner * squeeze) + squeeze + inner;
                    operations += 2L * inner * squeeze;
                }

                Convolution(inner, stage.Width, 1, 1, next);
                (inputs, map) = (stage.Width, next);
            }
        }

        return new RegNetCost(parameters + ((inputs + 1L) * config.Classes), operations + ((long)inputs * config.Classes));

        void Convolution(long from, long to, int area, int groups, long size)
        {
            long weights = from / groups * to * area;
            parameters += weights + (2 * to); // the norm's gains and offsets
            operations += weights * size * size;
        }
    }

    /// <summary>The side of a map after a 3x3 (or unpadded 1x1) convolution.</summary>
    private static int Shrunk(int side, int stride) => ((side - 1) / stride) + 1;
}
