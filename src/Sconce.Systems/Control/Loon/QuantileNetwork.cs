using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Control.Loon;

/// <summary>The sizes of a <see cref="QuantileNetwork"/>; the defaults are agents/configs/quantile.gin's.</summary>
/// <param name="Observations">Numbers that it sees.</param>
/// <param name="Actions">Actions that it values.</param>
/// <param name="Layers">Linear layers, the last included; 1 at least.</param>
/// <param name="Width">Of the hidden ones.</param>
/// <param name="Quantiles">Of each action's return.</param>
public sealed record QuantileNetworkConfig(int Observations = LoonFeatures.Count, int Actions = 3, int Layers = 8, int Width = 600,
    int Quantiles = 51);

/// <summary>
/// Quantiles of the return of each action: <c>(N, observations) -> (N, actions, quantiles)</c>; agents/networks.py <c>QuantileNetwork</c>.
/// </summary>
public sealed partial class QuantileNetwork : Module<Tensor, Tensor>
{
    /// <summary>Makes one; weights begin uniform with the variance 1 / (√3 · inputs), biases 0.</summary>
    public QuantileNetwork(QuantileNetworkConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfLessThan(config.Layers, 1);
        Config = config;
        Dense = new ModuleList<Linear>([.. Enumerable.Range(0, config.Layers).Select(layer => new Linear(
            layer == 0 ? config.Observations : config.Width,
                layer == config.Layers - 1 ? config.Actions * config.Quantiles : config.Width))]);
        foreach (var layer in Dense)
        {
            // variance_scaling(1/√3, fan_in, uniform): the bound is √(3 · scale / inputs).
            Init.Uniform(layer.Weight, -Bound(layer), Bound(layer));
            Init.Constant(layer.Bias!, 0);
        }

        static double Bound(Linear layer) => Math.Sqrt(3 / Math.Sqrt(3) / layer.Weight.Size(1));
    }

    /// <summary>Its sizes.</summary>
    public QuantileNetworkConfig Config { get; }

    /// <summary>The layers.</summary>
    public ModuleList<Linear> Dense { get; }

    /// <summary>Each action's value: the mean of its quantiles. <c>-> (N, actions)</c></summary>
    public Tensor Values(Tensor x)
    {
        using var scope = new TensorScope();
        return scope.Keep(Call(x).Mean([-1]));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        for (int layer = 0; layer < Config.Layers; layer++)
        {
            x = Dense[layer].Call(x);
            if (layer < Config.Layers - 1) x = x.Relu();
        }

        return x.Reshape([-1, Config.Actions, Config.Quantiles]);
    }
}
