using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;

namespace Sconce.Systems.Tools.Wit;

/// <summary>The picture's tower of the retrieval baseline: four convolutions that halve, the mean over places, a linear layer.</summary>
/// <param name="Width">Channels of the first; the last have four times as many.</param>
internal sealed record WitVisionConfig(int Width) : ClipVisionConfig(Width)
{
    internal override void Validate(int resolution)
    {
        if (resolution < 16) throw new ArgumentException($"pictures of {resolution} pixels are too small for four halvings");
    }

    internal override Module<Tensor, Tensor> Build(int resolution, int embedding)
    {
        var layers = new Sequential();
        int inputs = 3;
        foreach (var (k, outputs) in new[] { Width, 2 * Width, 4 * Width, 4 * Width }.Index())
        {
            layers[$"conv{k + 1}"] = new Conv2d(inputs, outputs, 3, stride: 2, padding: 1, bias: false);
            layers[$"norm{k + 1}"] = new BatchNorm2d(outputs);
            layers[$"relu{k + 1}"] = new Relu();
            inputs = outputs;
        }

        layers["pool"] = new AdaptiveAvgPool2d(1);
        layers["flatten"] = new Flatten();
        layers["head"] = new Linear(inputs, embedding);
        return layers;
    }
}

/// <summary>The sizes of the baseline.</summary>
internal static class WitNetworks
{
    /// <summary>Numbers of words.</summary>
    public const int Buckets = 8192;

    private const int Width = 64, Layers = 2, VisionWidth = 32;

    /// <summary>The network for pictures of a side and texts of a length.</summary>
    public static ClipModel Create(int side, int length, int buckets = Buckets) => new(new ClipConfig(
        Width, side, new WitVisionConfig(VisionWidth),
        new ClipTextConfig(Width, 1, Layers) { ContextLength = length, VocabularySize = new HashedWords(buckets, length).Vocabulary }));
}

/// <summary>Brings pictures and words into one space.</summary>
internal interface IPairEncoder : IDisposable
{
    /// <summary>By which its embeddings are told from another's.</summary>
    string Mark { get; }

    /// <summary>Rows of unit length. <c>-> (N, width)</c></summary>
    Tensor OfPictures(IReadOnlyList<Picture> pictures);

    /// <summary>The same of texts.</summary>
    Tensor OfTexts(IReadOnlyList<string> texts);
}

/// <summary>A trained dual encoder.</summary>
internal sealed class WitEncoder(ClipModel network, int side, int length, string mark) : IPairEncoder
{
    private readonly HashedWords words = new(WitNetworks.Buckets, length);

    /// <inheritdoc/>
    public string Mark => mark;

    /// <inheritdoc/>
    public Tensor OfPictures(IReadOnlyList<Picture> pictures)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        byte[] pixels = [.. pictures.SelectMany(picture => Pixels(picture.Image, side))];
        return scope.Keep(ContrastiveLoss.UnitLength(network.EncodeImage(Input(pixels, pictures.Count, side))));
    }

    /// <inheritdoc/>
    public Tensor OfTexts(IReadOnlyList<string> texts)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        long[] tokens = [.. texts.SelectMany(words.Encode)];
        return scope.Keep(ContrastiveLoss.UnitLength(network.EncodeText(Tensor.From(tokens, [texts.Count, length]))));
    }

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();

    /// <summary>A picture of a side, cut about its middle; planes of bytes.</summary>
    public static byte[] Pixels(Image picture, int side)
    {
        var small = picture.To8Bit().ToRgb(Rgb.White).ResizeShortSide(side).ResizeCenterCrop(side, side, side, side);
        var pixels = small.Pixels;
        var planes = new byte[3 * side * side];
        for (int k = 0; k < side * side; k++)
        {
            for (int channel = 0; channel < 3; channel++) planes[(channel * side * side) + k] = pixels[(3 * k) + channel];
        }

        return planes;
    }

    /// <summary>Planes of bytes as the network takes them: about 0. <c>-> (N, 3, side, side)</c></summary>
    public static Tensor Input(byte[] planes, int count, int side)
    {
        using var scope = new TensorScope();
        return scope.Keep((Tensor.From(planes, [count, 3, side, side]).To(DType.Float32) / 127.5) - 1);
    }
}

/// <summary>CLIP.</summary>
internal sealed class ClipEncoder(LoadedClip clip, string mark, string? vocabulary) : IPairEncoder
{
    /// <inheritdoc/>
    public string Mark => mark;

    /// <inheritdoc/>
    public Tensor OfPictures(IReadOnlyList<Picture> pictures)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        return scope.Keep(ContrastiveLoss.UnitLength(clip.Model.EncodeImage(clip.Prepared(pictures, default))).Float().Cpu());
    }

    /// <inheritdoc/>
    public Tensor OfTexts(IReadOnlyList<string> texts)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var tokens = ZeroShotClassifier.Tokens(clip.Tokenizer(vocabulary), [.. texts], clip.Model.Config.Text.ContextLength);
        return scope.Keep(ContrastiveLoss.UnitLength(clip.Model.EncodeText(tokens.To(clip.Model.TextProjection.Device))).Float().Cpu());
    }

    /// <inheritdoc/>
    public void Dispose() => clip.Dispose();
}
