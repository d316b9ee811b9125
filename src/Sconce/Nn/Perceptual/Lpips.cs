using Sconce.Torch;

namespace Sconce.Nn.Perceptual;

/// <summary>
/// How unlike two pictures look: squared differences of VGG's normalised features, weighted by channel, averaged over the map, summed over
/// five sizes. <c>two (N, 3, H, W) in [-1, 1] -> (N, 1, 1, 1)</c>, at least 0. 1801.03924 equation 1; keys as in
/// CompVis/taming-transformers@3ba01b2 lpips.py. Its weights are frozen; gradients flow to the pictures.
/// </summary>
public sealed partial class Lpips : Module<Tensor, Tensor, Tensor>
{
    private const double Epsilon = 1e-10;

    /// <summary>Weights are yet to be loaded.</summary>
    public Lpips()
    {
        RequireGrad(false);
        Eval();
    }

    /// <summary>From [-1, 1] to VGG's input.</summary>
    public VggScaling ScalingLayer { get; } = new();

    /// <summary>The features.</summary>
    public VggFeatures Net { get; } = new();

    /// <summary>How much each channel of relu1_2 counts.</summary>
    public LpipsWeights Lin0 { get; } = new(VggFeatures.Widths[0]);

    /// <summary>Of relu2_2.</summary>
    public LpipsWeights Lin1 { get; } = new(VggFeatures.Widths[1]);

    /// <summary>Of relu3_3.</summary>
    public LpipsWeights Lin2 { get; } = new(VggFeatures.Widths[2]);

    /// <summary>Of relu4_3.</summary>
    public LpipsWeights Lin3 { get; } = new(VggFeatures.Widths[3]);

    /// <summary>Of relu5_3.</summary>
    public LpipsWeights Lin4 { get; } = new(VggFeatures.Widths[4]);

    /// <summary>Stays in evaluation: it judges, and does not learn.</summary>
    public override void Train(bool on = true) => base.Train(false);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor first, Tensor second)
    {
        var ofFirst = Net.Call(ScalingLayer.Call(first));
        var ofSecond = Net.Call(ScalingLayer.Call(second));
        var distances = new[] { Lin0, Lin1, Lin2, Lin3, Lin4 }.Select((weights, k) => Distance(weights, ofFirst[k], ofSecond[k]));
        return distances.Aggregate((sum, distance) => sum + distance);
    }

    /// <summary><c>(N, C, H, W) -> (N, 1, 1, 1)</c></summary>
    private static Tensor Distance(LpipsWeights weights, Tensor first, Tensor second)
    {
        using var scope = new TensorScope();
        return scope.Keep(weights.Call((Unit(first) - Unit(second)).Square()).Mean([2, 3], keepdim: true));
    }

    /// <summary>The vector of each place, at length one.</summary>
    private static Tensor Unit(Tensor features)
    {
        using var scope = new TensorScope();
        return scope.Keep(features / (features.Square().Sum([1], keepdim: true).Sqrt() + Epsilon));
    }
}

/// <summary>
/// Channels summed with learnt weights: <c>(N, C, H, W) -> (N, 1, H, W)</c>; dropout stands before it where LPIPS itself is trained.
/// </summary>
/// <param name="channels">C.</param>
public sealed class LpipsWeights(int channels) : Module<Tensor, Tensor>
{
    private readonly Sequential model = new(new Dropout(0.5), new Conv2d(channels, 1, 1, bias: false));

    /// <inheritdoc/>
    protected override void VisitMembers(IModuleVisitor visitor) => visitor.Child("model", model);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => model.Call(input);
}
