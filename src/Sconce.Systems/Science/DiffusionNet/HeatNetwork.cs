using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>The widths of a network.</summary>
/// <param name="Stem">Channels after the first convolution.</param>
/// <param name="Growth">What each layer of the three blocks adds.</param>
/// <param name="Layers">Layers of the three blocks.</param>
/// <param name="Waist">Channels of the outer ConvLSTMs, and of the middle one.</param>
public sealed record HeatNetworkConfig(int Stem, IReadOnlyList<int> Growth, IReadOnlyList<int> Layers, (int Outer, int Middle) Waist)
{
    /// <summary>The paper's, of 3.6 million parameters.</summary>
    public static HeatNetworkConfig Official { get; } = new(128, [32, 32, 32], [2, 4, 8], (128, 64));

    /// <summary>The claim's, for small grids.</summary>
    public static HeatNetworkConfig Small { get; } = new(16, [8, 8, 8], [1, 2, 2], (24, 12));

    /// <summary>Side of the stem's and the blocks' larger kernels.</summary>
    public int Kernel { get; init; } = 3;

    /// <summary>Of the leaky ReLUs.</summary>
    public double Slope { get; init; } = 0.3;
}

/// <summary>
/// DiffusionNet: a dense encoder, three ConvLSTMs, a dense decoder, from a temperature field to the one many solver steps later. <c>(N,
/// frames, 1, H, W) -> (N, frames, 1, H, W)</c>, H and W multiples of 4, normalised temperatures. 2011.10015, official DiffusionNet.py.
/// </summary>
public sealed partial class HeatNetwork : Module<Tensor, Tensor>
{
    /// <summary>Builds it.</summary>
    /// <param name="config">The widths.</param>
    /// <exception cref="ArgumentException">There are not three blocks.</exception>
    public HeatNetwork(HeatNetworkConfig config)
    {
        var (growth, layers, waist) = (config.Growth, config.Layers, config.Waist);
        if (growth.Count != 3 || layers.Count != 3)
        {
            throw new ArgumentException(
                $"the network has three blocks a side: {growth.Count} growths and {layers.Count} depths were given");
        }

        int width = config.Stem;
        Stem = new HeatConv(1, width, config.Kernel, config.Slope);
        E1 = Block(0);
        T1 = Down();
        E2 = Block(1);
        T2 = Down();
        E3 = Block(2);
        L1 = new HeatConvLstm(width, waist.Outer);
        L2 = new HeatConvLstm(waist.Outer, waist.Middle);
        L3 = new HeatConvLstm(waist.Middle, width = waist.Outer);
        D1 = Block(2, transposed: true);
        U1 = Up();
        D2 = Block(1, transposed: true);
        U2 = Up();
        D3 = Block(0, transposed: true);
        Out = new HeatConv(width, 1, 1, config.Slope);

        HeatBlock Block(int k, bool transposed = false)
        {
            var block = new HeatBlock(width, growth[k], layers[k], config.Kernel, config.Slope, transposed);
            width += growth[k] * layers[k];
            return block;
        }

        HeatConv Down() => new(width, width /= 2, 1, config.Slope, stride: 2);

        HeatConv Up() => new(width, width /= 2, 1, config.Slope, stride: 2, transposed: true);
    }

    internal HeatConv Stem { get; }

    internal HeatBlock E1 { get; }

    internal HeatConv T1 { get; }

    internal HeatBlock E2 { get; }

    internal HeatConv T2 { get; }

    internal HeatBlock E3 { get; }

    internal HeatConvLstm L1 { get; }

    internal HeatConvLstm L2 { get; }

    internal HeatConvLstm L3 { get; }

    internal HeatBlock D1 { get; }

    internal HeatConv U1 { get; }

    internal HeatBlock D2 { get; }

    internal HeatConv U2 { get; }

    internal HeatBlock D3 { get; }

    internal HeatConv Out { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor fields)
    {
        if (fields.Dimensions != 5 || fields.Size(2) != 1 || fields.Size(3) % 4 != 0 || fields.Size(4) % 4 != 0)
        {
            string shape = string.Join(", ", fields.Shape.ToArray());
            throw new ArgumentException($"fields are (N, frames, 1, H, W) with sides that are multiples of 4, not [{shape}]");
        }

        long frames = fields.Size(1);
        var x = Stem.Call(fields.Flatten(0, 1));                                // each frame by itself
        x = E3.Call(T2.Call(E2.Call(T1.Call(E1.Call(x)))));
        x = L3.Call(L2.Call(L1.Call(x.Unflatten(0, [-1, frames])))).Flatten(0, 1);
        x = D3.Call(U2.Call(D2.Call(U1.Call(D1.Call(x)))));
        return Out.Call(x).Unflatten(0, [-1, frames]);
    }
}
