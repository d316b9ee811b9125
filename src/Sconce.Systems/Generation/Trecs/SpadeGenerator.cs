using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>
/// Paints a map of labels: one-hot <c>(N, labels, H, W) -> (N, 3, H', W')</c> in [-1, 1], of the size that the configuration says.
/// 1903.07291 figure 4; NVlabs/SPADE@fecacc9 models/networks/generator.py <c>SPADEGenerator</c>.
/// </summary>
public sealed partial class SpadeGenerator : Module<Tensor, Tensor>
{
    private readonly SpadeConfig config;

    /// <summary>PyTorch's initial weights.</summary>
    /// <param name="config">Its shape.</param>
    public SpadeGenerator(SpadeConfig config)
    {
        this.config = config;
        int width = config.Width, last = config.Upsampling == SpadeUpsampling.Most ? width / 2 : width;
        Fc = new Conv2d(config.Labels, 16 * width, 3, 1, 1);
        Head = new(16 * width, 16 * width, config);
        Middle0 = new(16 * width, 16 * width, config);
        Middle1 = new(16 * width, 16 * width, config);
        Up0 = new(16 * width, 8 * width, config);
        Up1 = new(8 * width, 4 * width, config);
        Up2 = new(4 * width, 2 * width, config);
        Up3 = new(2 * width, width, config);
        Up4 = config.Upsampling == SpadeUpsampling.Most ? new(width, last, config) : null;
        ConvImg = new Conv2d(last, 3, 3, 1, 1);
    }

    internal Conv2d Fc { get; }

    [Key("head_0")]
    internal SpadeBlock Head { get; }

    [Key("G_middle_0")]
    internal SpadeBlock Middle0 { get; }

    [Key("G_middle_1")]
    internal SpadeBlock Middle1 { get; }

    [Key("up_0")]
    internal SpadeBlock Up0 { get; }

    [Key("up_1")]
    internal SpadeBlock Up1 { get; }

    [Key("up_2")]
    internal SpadeBlock Up2 { get; }

    [Key("up_3")]
    internal SpadeBlock Up3 { get; }

    [Key("up_4")]
    internal SpadeBlock? Up4 { get; }

    internal Conv2d ConvImg { get; }

    /// <summary>Labels <c>(N, H, W)</c>, each from 0, to one-hot maps <c>(N, labels, H, W)</c>.</summary>
    public Tensor OneHot(Tensor labels)
    {
        using var scope = new TensorScope();
        return scope.Keep(labels.OneHot(config.Labels).Movedim(-1, 1).To(Fc.Weight.DType));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor map)
    {
        if (map.Dimensions != 4 || map.Size(1) != config.Labels)
        {
            throw new TorchException(
                $"SPADE: a map of shape [{string.Join(", ", map.Shape.ToArray())}]; it takes one-hot labels (N, {config.Labels}, H, W)");
        }

        var x = Fc.Call(Functional.Interpolate(map, [config.FirstHeight, config.FirstWidth], Interpolation.Nearest));
        x = Middle0.Call(Doubled(Head.Call(x, map)), map);
        if (config.Upsampling != SpadeUpsampling.Normal) x = Doubled(x);
        x = Middle1.Call(x, map);
        foreach (var block in (SpadeBlock[])[Up0, Up1, Up2, Up3]) x = block.Call(Doubled(x), map);
        if (Up4 is not null) x = Up4.Call(Doubled(x), map);
        return ConvImg.Call(x.LeakyRelu(0.2)).Tanh();
    }

    private static Tensor Doubled(Tensor x)
    {
        var doubled = Functional.InterpolateBy(x, 2);
        x.Dispose();
        return doubled;
    }
}
