using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>Pixels as rows, without any places: what the position features are worth. <c>(N, 1, H, W) -> (N, H·W, 1)</c></summary>
internal sealed partial class PlainPixels : PerceiverInput
{
    public override int Channels => 1;

    protected override Tensor Forward(Tensor pictures) => pictures.Flatten(2).Transpose(1, 2);
}

/// <summary>The claim's convolutional net: five convolutions, the mean, a classifier; <c>(N, 1, 16, 16) -> (N, classes)</c>.</summary>
internal sealed partial class GridConvNet(int classes) : Module<Tensor, Tensor>
{
    public Sequential Body { get; } =
        new([.. Stage(1, 16, 1), .. Stage(16, 16, 1), .. Stage(16, 32, 2), .. Stage(32, 32, 1), .. Stage(32, 48, 2)]);

    public Linear Head { get; } = new(48, classes);

    protected override Tensor Forward(Tensor pictures) => Head.Call(Body.Call(pictures).Mean([2, 3]));

    private static Module<Tensor, Tensor>[] Stage(int inputs, int outputs, int stride) =>
        [new Conv2d(inputs, outputs, 3, stride, 1, bias: false), new BatchNorm2d(outputs), new Relu(inPlace: true)];
}

/// <summary>A Perceiver whose rows are shuffled on the way from the input: with their places, or the pixels alone against their
/// places.</summary>
internal static class Shuffles
{
    /// <summary>The logits of pictures whose rows, places included, come in another order.</summary>
    internal static Tensor WithPlaces(PerceiverClassifier network, Tensor pictures, Tensor order)
    {
        var rows = network.Input.Call(pictures);
        return network.Perceiver.Classify(network.Perceiver.Call(rows[.., order], null));
    }

    /// <summary>Pictures whose pixels change places; <c>(N, C, H, W) -> (N, C, H, W)</c>.</summary>
    internal static Tensor Pixels(Tensor pictures, Tensor order) =>
        pictures.Flatten(2)[.., .., order].Unflatten(2, [pictures.Size(2), pictures.Size(3)]);
}
