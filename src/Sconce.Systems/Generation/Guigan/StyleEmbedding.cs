using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>
/// Where a sub-tree's picture lies among styles: <c>(N, 3, H, W) -> (N, 2)</c>; pictures of one app lie close together. 2101.09978 §III-B;
/// GUIGAN code/StyleEmbedding/network.py <c>Siamese</c>.
/// </summary>
public sealed partial class StyleEmbedding : Module<Tensor, Tensor>
{
    private static readonly (int Width, int Kernel)[] Stages = [(32, 10), (64, 7), (128, 4), (256, 4)];
    private readonly int height, width;

    /// <summary>Draws its first weights as the official code does.</summary>
    /// <param name="height">Of the pictures.</param>
    /// <param name="width">Of the pictures.</param>
    /// <exception cref="ArgumentException">They are too small for four stages.</exception>
    public StyleEmbedding(int height = 256, int width = 512)
    {
        (this.height, this.width) = (height, width);
        int inputs = 3, rows = height, columns = width;
        foreach (var stage in Stages)
        {
            Conv.Add(new Conv2d(inputs, stage.Width, stage.Kernel));
            Conv.Add(new Relu(inPlace: true));
            Conv.Add(new MaxPool2d(2));
            (inputs, rows, columns) = (stage.Width, (rows - stage.Kernel + 1) / 2, (columns - stage.Kernel + 1) / 2);
        }

        if (rows < 1 || columns < 1) throw new ArgumentException($"style embedding: pictures of {width} x {height} are too small");
        Liner = new(new Linear((long)inputs * rows * columns, 256), new Relu(inPlace: true), new Linear(256, 64));
        foreach (var (_, module) in NamedModules())
        {
            if (module is IWeightedLayer layer) Init.Normal(layer.Weight, layer is Conv2d ? 0.02 : 0.1);
        }
    }

    internal Sequential Conv { get; } = [];

    internal Sequential Liner { get; }

    internal Linear Out { get; } = new(64, 2);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures)
    {
        if (pictures.Dimensions != 4 || pictures.Size(2) != height || pictures.Size(3) != width)
        {
            throw new TorchException(
                $"style embedding: pictures of shape [{string.Join(", ", pictures.Shape.ToArray())}]; it takes (N, 3, {height}, {width})");
        }

        return Out.Call(Liner.Call(Conv.Call(pictures).Flatten(1)));
    }
}
