using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>Where the small constant of the weight standardisation stands.</summary>
public enum WeightEpsMode
{
    /// <summary>√(var + eps), eps 1e-5: the PyTorch carrier.</summary>
    AddedToVariance,

    /// <summary>√max(N var, eps), eps 1e-4: the official JAX code.</summary>
    FloorOnFanInVariance,
}

/// <summary>How maps are padded.</summary>
public enum MapPadding
{
    /// <summary>((stride − 1) + (kernel − 1)) / 2 zeros at both ends.</summary>
    Symmetric,

    /// <summary>TensorFlow's SAME: as many zeros as give ⌈size / stride⌉ outputs, the smaller half first.</summary>
    Same,
}

/// <summary>What every convolution of one network has in common.</summary>
/// <param name="Gamma">The constant that multiplies the standardised weight; 1 where the activations carry it.</param>
/// <param name="Eps">Against division by zero.</param>
/// <param name="EpsMode">Where <paramref name="Eps"/> stands.</param>
/// <param name="Padding">How maps are padded.</param>
public sealed record WeightStandardization(double Gamma = 1, double Eps = 1e-5, WeightEpsMode EpsMode = WeightEpsMode.AddedToVariance,
    MapPadding Padding = MapPadding.Symmetric)
{
    /// <summary>Scaled weight standardisation: each filter becomes <c>gain · γ · (W − mean) / √(N · var)</c>, N = fan-in with the kernel's
    /// area; 2101.08692 eq. 2.</summary>
    /// <param name="weight"><c>(O, I, kh, kw)</c></param>
    /// <param name="gain">O numbers, of any shape.</param>
    /// <returns><c>(O, I, kh, kw)</c></returns>
    public Tensor Apply(Tensor weight, Tensor gain)
    {
        using var scope = new TensorScope();
        long filters = weight.Size(0), fanIn = weight.Elements / filters;
        if (EpsMode == WeightEpsMode.AddedToVariance)
        {
            // A batch norm over one "batch" whose channels are the filters is this formula in one operator, as in the carrier.
            var scale = (gain * (Gamma / Math.Sqrt(fanIn))).Reshape([-1]);
            return scope.Keep(Functional.BatchNorm(weight.Reshape([1, filters, -1]), scale, null, null, null, true, 0, Eps, false)
                .ReshapeAs(weight));
        }

        var flat = weight.Reshape([filters, -1]);
        var (variance, mean) = flat.VarMean([1], unbiased: false, keepdim: true); // (O, 1)
        var factor = (variance * fanIn).ClampMin(Eps).Rsqrt() * gain.Reshape([-1, 1]) * Gamma;
        return scope.Keep(((flat * factor) - (mean * factor)).ReshapeAs(weight));
    }

    /// <summary>Convolves a map, padded as <see cref="Padding"/> says: <c>(N, I · groups, H, W) -> (N, O, H', W')</c>.</summary>
    /// <param name="map">The map.</param>
    /// <param name="weight"><c>(O, I, k, k)</c>, as it is used.</param>
    /// <param name="bias"><c>(O)</c>, or none.</param>
    /// <param name="stride">The step.</param>
    /// <param name="groups">Into how many independent parts the channels are cut.</param>
    public Tensor Convolve(Tensor map, Tensor weight, Tensor? bias, int stride, int groups)
    {
        using var scope = new TensorScope();
        long kernel = weight.Size(-1);
        if (Padding == MapPadding.Symmetric)
        {
            long both = (stride - 1 + kernel - 1) / 2;
            return scope.Keep(Functional.Conv2d(map, weight, bias, [stride, stride], [both, both], [1, 1], groups));
        }

        return scope.Keep(SamePadding.Convolve(map, weight, bias, stride, groups));
    }
}

/// <summary>A convolution whose filters are standardised at every call, with a learned gain a filter:
/// <c>(N, inputs, H, W) -> (N, outputs, H', W')</c>. 2102.06171 §2.</summary>
public sealed partial class ScaledStdConv2d : Module<Tensor, Tensor>
{
    private readonly WeightStandardization standardization;
    private readonly int stride;
    private readonly int groups;

    /// <summary>Normal initial weights of variance 1 / fan-in, biases zero.</summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">The side of the kernel.</param>
    /// <param name="standardization">What the network's convolutions share.</param>
    /// <param name="stride">The step.</param>
    /// <param name="groups">Into how many independent parts the channels are cut.</param>
    /// <param name="gain">Each filter's initial gain; 0 for the last convolution of a branch without a skip gain.</param>
    public ScaledStdConv2d(int inputs, int outputs, int kernel, WeightStandardization standardization, int stride = 1, int groups = 1,
        double gain = 1)
    {
        if (groups < 1 || inputs % groups != 0 || outputs % groups != 0)
            throw new ArgumentException($"convolution: {inputs} input and {outputs} output channels do not divide into {groups} groups");
        this.standardization = standardization;
        this.stride = stride;
        this.groups = groups;
        Weight = Init.LecunNormal(Parameter.Empty(outputs, inputs / groups, kernel, kernel));
        Bias = Parameter.Zeros(outputs);
        Gain = Parameter.Full(gain, outputs, 1, 1, 1);
    }

    /// <summary><c>(outputs, inputs / groups, kernel, kernel)</c>, as stored, not standardised.</summary>
    public Parameter Weight { get; }

    /// <summary><c>(outputs)</c></summary>
    public Parameter Bias { get; }

    /// <summary><c>(outputs, 1, 1, 1)</c></summary>
    public Parameter Gain { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) =>
        standardization.Convolve(input, standardization.Apply(Weight, Gain), Bias, stride, groups);
}
