using System.Globalization;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>The two losses of a stylised picture, each without dimensions; the published weights are 1 and 10.</summary>
/// <param name="Content">How far its features are from those that it was decoded from.</param>
/// <param name="Style">How far the statistics of its features are from the style's, summed over four levels.</param>
public sealed record AdaInLosses(Tensor Content, Tensor Style) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Content, Style];
}

/// <summary>A picture and the one whose style it takes.</summary>
/// <param name="Content"><c>(N, 3, H, W)</c> in [0, 1].</param>
/// <param name="Style"><c>(N, 3, H', W')</c> in [0, 1].</param>
public sealed record StylePair(Tensor Content, Tensor Style);

/// <summary>
/// Style transfer in one pass: VGG-19's features to <c>relu4_1</c>, their statistics exchanged, a decoder back to the picture. 1703.06868;
/// naoto0804/pytorch-AdaIN@47950d0 net.py. <c>(N, 3, H, W) -> (N, 3, H', W')</c>, sides rounded up to multiples of 8.
/// </summary>
public sealed partial class AdaInNetwork : Module<StylePair, Tensor>
{
    /// <summary>Pictures whose sides are multiples of it keep their size.</summary>
    internal const int Multiple = 8;

    private const int LastEncoderLayer = 30;
    private static readonly int[] EncoderStarts = [0, 4, 11, 18];

    /// <summary>Random numbers; the encoder's belong to VGG-19 normalised (its file is loaded), and never learn.</summary>
    public AdaInNetwork()
    {
        Enc1 = new Sequential(new Conv2d(3, 3, 1), Padding(), new Conv2d(3, 64, 3), new Relu());
        Enc2 = new Sequential([.. Convolution(64, 64), Pool(), .. Convolution(64, 128)]);
        Enc3 = new Sequential([.. Convolution(128, 128), Pool(), .. Convolution(128, 256)]);
        Enc4 = new Sequential(
            [.. Convolution(256, 256), .. Convolution(256, 256), .. Convolution(256, 256), Pool(), .. Convolution(256, 512)]);
        Decoder = new Sequential(
        [
            .. Convolution(512, 256), Doubled(),
            .. Convolution(256, 256), .. Convolution(256, 256), .. Convolution(256, 256), .. Convolution(256, 128), Doubled(),
            .. Convolution(128, 128), .. Convolution(128, 64), Doubled(),
            .. Convolution(64, 64), Padding(), new Conv2d(64, 3, 3),
        ]);
        foreach (var parameter in new[] { Enc1, Enc2, Enc3, Enc4 }.SelectMany(part => part.Parameters())) parameter.RequiresGrad = false;

        static Module<Tensor, Tensor>[] Convolution(int inputs, int outputs) => [Padding(), new Conv2d(inputs, outputs, 3), new Relu()];

        static Module<Tensor, Tensor> Padding() => new ReflectionPad2d(1);

        static Module<Tensor, Tensor> Pool() => new MaxPool2d(2, ceilMode: true);

        static Module<Tensor, Tensor> Doubled() => new Upsample(2.0);
    }

    /// <summary>The share of the style's statistics in the features, in [0, 1]; 0 gives the decoded content.</summary>
    public double Alpha { get; set; } = 1;

    /// <summary>To <c>relu1_1</c>.</summary>
    [Key("enc_1")]
    Sequential Enc1 { get; }

    /// <summary>To <c>relu2_1</c>.</summary>
    [Key("enc_2")]
    Sequential Enc2 { get; }

    /// <summary>To <c>relu3_1</c>.</summary>
    [Key("enc_3")]
    Sequential Enc3 { get; }

    /// <summary>To <c>relu4_1</c>.</summary>
    [Key("enc_4")]
    Sequential Enc4 { get; }

    /// <summary>From <c>relu4_1</c>'s features to a picture.</summary>
    public Sequential Decoder { get; }

    /// <summary>The features at <c>relu1_1</c>, <c>relu2_1</c>, <c>relu3_1</c>, <c>relu4_1</c>: 64, 128, 256, 512 channels.</summary>
    public Tensor[] Features(Tensor pictures)
    {
        using var scope = new TensorScope();
        var first = Enc1.Call(pictures);
        var second = Enc2.Call(first);
        var third = Enc3.Call(second);
        return scope.Keep<Tensor[]>([first, second, third, Enc4.Call(third)]);
    }

    /// <summary>The stylised picture with its losses, on the tape.</summary>
    public (Tensor Stylised, AdaInLosses Losses) Learn(StylePair pair)
    {
        using var scope = new TensorScope();
        var style = Features(pair.Style);
        var wanted = Exchanged(Last(pair.Content), style[^1]);
        var stylised = Decoder.Call(wanted);
        var found = Features(stylised);
        var content = Functional.MeanSquaredError(found[^1], wanted);
        var lost = found.Zip(style, Distance).Aggregate((sum, level) => sum + level);
        var losses = new AdaInLosses(content, lost);
        scope.Keep(losses);
        return (scope.Keep(stylised), losses);
    }

    /// <summary>
    /// Loads VGG-19 normalised, one row of layers under their numbers, into the encoder; what comes after relu4_1 is left out.
    /// </summary>
    /// <param name="file">Such as <c>vgg_normalised.pth</c>.</param>
    /// <exception cref="CheckpointException">Damaged, or another network.</exception>
    internal void LoadEncoder(string file) => ModelWeights.Load(this, file, new LoadOptions { Rename = EncoderKey, Leave = ["decoder."] });

    /// <summary>
    /// Gives the encoder random numbers that keep the scale of what passes; its first layer gives colours on as they are.
    /// </summary>
    internal void DrawEncoder()
    {
        using var off = Gradients.Off();
        var convolutions = new[] { Enc1, Enc2, Enc3, Enc4 }.SelectMany(part => part.OfType<Conv2d>()).ToList();
        foreach (var convolution in convolutions)
        {
            Init.KaimingNormal(convolution.Weight);
            Init.Constant(convolution.Bias!, 0);
        }

        convolutions[0].Weight.CopyInPlace(Tensor.Eye(3).Reshape([3, 3, 1, 1]));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(StylePair pair) => Decoder.Call(Exchanged(Last(pair.Content), Last(pair.Style)));

    private Tensor Last(Tensor pictures) => pictures.Through(Enc1, Enc2, Enc3, Enc4);

    private Tensor Exchanged(Tensor content, Tensor style)
    {
        if (Alpha is < 0 or > 1) throw new TorchException($"AdaIN: a share of {Alpha} of the style: it is from 0 to 1");
        var exchanged = AdaptiveInstanceNorm.Apply(content, style);
        return Alpha == 1 ? exchanged : (exchanged * Alpha) + (content * (1 - Alpha));
    }

    private static Tensor Distance(Tensor found, Tensor style)
    {
        var (mean, deviation) = AdaptiveInstanceNorm.Statistics(found);
        var (wantedMean, wantedDeviation) = AdaptiveInstanceNorm.Statistics(style);
        return Functional.MeanSquaredError(mean, wantedMean) + Functional.MeanSquaredError(deviation, wantedDeviation);
    }

    /// <summary>The network's name of layer <c>11.weight</c> of VGG-19; null from relu4_1 on.</summary>
    private static string? EncoderKey(string key)
    {
        int dot = key.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !int.TryParse(key.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out int layer)) return key;
        if (layer > LastEncoderLayer) return null;
        int part = Array.FindLastIndex(EncoderStarts, start => start <= layer);
        return string.Create(CultureInfo.InvariantCulture, $"enc_{part + 1}.{layer - EncoderStarts[part]}{key[dot..]}");
    }
}
