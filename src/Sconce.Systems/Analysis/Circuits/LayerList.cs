using Sconce.Nn;
using Sconce.Systems.Analysis.Looks;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>A layer that can be looked at.</summary>
/// <param name="Name">Dotted.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Channels">How many units, counted without places.</param>
/// <param name="Map">Rows by columns of its maps, or its tokens.</param>
internal sealed record LookedAtLayer(string Name, string Kind, long Channels, string Map);

/// <summary>The layers of a network, as one empty picture finds them.</summary>
internal static class LayerList
{
    /// <summary>Those that answer with maps, tokens or rows, in the order in which they are asked.</summary>
    public static IReadOnlyList<LookedAtLayer> Of(ProbedNetwork network)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var trace = network.Traced(Grey(network), (name, _) => name.Length > 0);
        return
        [
            .. trace.Answers.Where(answer => answer.Output.Dimensions is >= 2 and <= 4)
                .Select(answer => new LookedAtLayer(answer.Name, Kind(answer.Module), Channels(answer.Output), Map(answer.Output)))
                .DistinctBy(layer => layer.Name),
        ];
    }

    /// <summary>How many channels a layer has.</summary>
    /// <exception cref="UsageException">It is not asked about pictures, or has none.</exception>
    public static int ChannelsOf(ProbedNetwork network, string layer)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var trace = network.TracedAt(Grey(network), layer);
        return (int)FeatureVisualization.Maps(trace.Last).Size(1);
    }

    private static Tensor Grey(ProbedNetwork network) => Tensor.Full([1, 3, network.Side, network.Side], 0.5, DType.Float32);

    private static long Channels(Tensor output) => output.Size(output.Dimensions == 3 ? 2 : 1);

    private static string Map(Tensor output) => output.Dimensions switch
    {
        4 => $"{output.Size(2)} × {output.Size(3)}",
        3 => $"{output.Size(1)} tokens",
        _ => "",
    };

    private static string Kind(Module module) => module switch
    {
        Conv2d convolution => $"convolution {convolution.Weight.Size(2)} × {convolution.Weight.Size(3)}",
        Linear => "linear",
        BatchNorm2d or LayerNorm => "norm",
        _ => "",
    };
}
