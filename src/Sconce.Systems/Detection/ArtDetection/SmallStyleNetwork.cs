using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>The claim's style transfer: three levels of fixed random convolutions and a decoder; sides are multiples of 4.</summary>
internal sealed partial class SmallStyleNetwork : Module<StylePair, Tensor>
{
    internal SmallStyleNetwork()
    {
        foreach (var convolution in new[] { Enc1, Enc2, Enc3 }.SelectMany(part => part.OfType<Conv2d>()))
        {
            Init.KaimingNormal(convolution.Weight);
            Init.Constant(convolution.Bias!, 0);
            convolution.Weight.RequiresGrad = false;
            convolution.Bias!.RequiresGrad = false;
        }
    }

    Sequential Enc1 { get; } = new([.. Convolution(3, 16)]);

    Sequential Enc2 { get; } = new([new MaxPool2d(2), .. Convolution(16, 32)]);

    Sequential Enc3 { get; } = new([new MaxPool2d(2), .. Convolution(32, 64)]);

    Sequential Decoder { get; } = new(
    [
        .. Convolution(64, 32), new Upsample(2.0), .. Convolution(32, 32), new Upsample(2.0), .. Convolution(32, 16),
        new ReflectionPad2d(1), new Conv2d(16, 3, 3),
    ]);

    /// <summary>Content and style losses of a batch, in 1703.06868's proportion.</summary>
    internal Tensor Loss(StylePair pair)
    {
        const double styleWeight = 10;
        using var scope = new TensorScope();
        var style = Features(pair.Style);
        var wanted = AdaptiveInstanceNorm.Apply(Features(pair.Content)[^1], style[^1]);
        var found = Features(Decoder.Call(wanted));
        var loss = Functional.MeanSquaredError(found[^1], wanted);
        foreach (var (own, other) in found.Zip(style))
        {
            var (mean, deviation) = AdaptiveInstanceNorm.Statistics(own);
            var (wantedMean, wantedDeviation) = AdaptiveInstanceNorm.Statistics(other);
            loss = loss + ((Functional.MeanSquaredError(mean, wantedMean) + Functional.MeanSquaredError(deviation,
                wantedDeviation)) * styleWeight);
        }

        return scope.Keep(loss);
    }

    protected override Tensor Forward(StylePair pair) =>
        Decoder.Call(AdaptiveInstanceNorm.Apply(Features(pair.Content)[^1], Features(pair.Style)[^1]));

    private Tensor[] Features(Tensor pictures)
    {
        var first = Enc1.Call(pictures);
        var second = Enc2.Call(first);
        return [first, second, Enc3.Call(second)];
    }

    private static Module<Tensor, Tensor>[] Convolution(int inputs, int outputs) =>
        [new ReflectionPad2d(1), new Conv2d(inputs, outputs, 3), new Relu()];
}
