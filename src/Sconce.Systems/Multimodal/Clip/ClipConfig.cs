using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Every constructor number of a CLIP model (2103.00020 §2.4, Tables 19 and 20).</summary>
/// <param name="EmbedDim">Width of the space in which pictures and sentences meet.</param>
/// <param name="ImageResolution">The side of the pictures, in pixels.</param>
/// <param name="Vision">The picture's tower.</param>
/// <param name="Text">The sentence's tower.</param>
public sealed record ClipConfig(int EmbedDim, int ImageResolution, ClipVisionConfig Vision, ClipTextConfig Text)
{
    /// <summary>Says what is impossible about the numbers.</summary>
    /// <exception cref="ArgumentException">A number below 1, a width that its heads do not divide, or a side that patches or strides do
    /// not.</exception>
    public void Validate()
    {
        Positive(EmbedDim, "embedding width");
        Positive(ImageResolution, "image resolution");
        Positive(Text.Width, "text width");
        Positive(Text.Heads, "text heads");
        Positive(Text.Layers, "text layers");
        Positive(Text.ContextLength, "context length");
        Positive(Text.VocabularySize, "vocabulary");
        if (Text.Width % Text.Heads != 0)
            throw new ArgumentException($"CLIP: a text width of {Text.Width} does not divide by {Text.Heads} heads");
        Vision.Validate(ImageResolution);
    }

    internal static void Positive(int number, string what)
    {
        if (number < 1) throw new ArgumentException($"CLIP: the {what} is {number}; it must be at least 1");
    }
}

/// <summary>The sentence's transformer.</summary>
/// <param name="Width">Channels.</param>
/// <param name="Heads">Attention heads; Width / 64 in every released model.</param>
/// <param name="Layers">Blocks.</param>
public sealed record ClipTextConfig(int Width, int Heads, int Layers)
{
    /// <summary>Tokens of a sentence, start, end and padding included.</summary>
    public int ContextLength { get; init; } = ClipTokenizer.DefaultContextLength;

    /// <summary>Rows of the token table.</summary>
    public int VocabularySize { get; init; } = 49408;
}

/// <summary>The picture's tower: a <see cref="ClipVitConfig"/> or a <see cref="ClipResNetConfig"/>.</summary>
/// <param name="Width">Channels: of the tokens, or of the residual network's stem.</param>
public abstract record ClipVisionConfig(int Width)
{
    internal abstract void Validate(int resolution);

    /// <summary>The tower, with initial weights: <c>(N, 3, resolution, resolution) -> (N, embedding)</c>.</summary>
    internal abstract Module<Tensor, Tensor> Build(int resolution, int embedding);
}

/// <summary>A vision transformer.</summary>
/// <param name="Width">Channels of a token.</param>
/// <param name="Layers">Blocks.</param>
/// <param name="PatchSize">The side of a patch, in pixels.</param>
public sealed record ClipVitConfig(int Width, int Layers, int PatchSize) : ClipVisionConfig(Width)
{
    /// <summary>Attention heads, of 64 channels each.</summary>
    public int Heads => Math.Max(1, Width / 64);

    internal override void Validate(int resolution)
    {
        ClipConfig.Positive(Width, "vision width");
        ClipConfig.Positive(Layers, "number of vision layers");
        ClipConfig.Positive(PatchSize, "patch size");
        if (Width % Heads != 0) throw new ArgumentException($"CLIP: a vision width of {Width} does not divide by {Heads} heads");
        if (resolution < PatchSize) throw new ArgumentException($"CLIP: pictures of {resolution} pixels hold no patch of {PatchSize}");
    }

    internal override Module<Tensor, Tensor> Build(int resolution, int embedding) => new ClipVisionTransformer(this, resolution, embedding);
}

/// <summary>A modified residual network with an attention pool.</summary>
/// <param name="Width">Channels of the stem; the last stage has 32 times as many.</param>
/// <param name="Layers">Bottlenecks of the four stages.</param>
public sealed record ClipResNetConfig(int Width, (int First, int Second, int Third, int Fourth) Layers) : ClipVisionConfig(Width)
{
    /// <summary>Attention heads, of 64 channels each.</summary>
    public int Heads => Math.Max(1, Width * 32 / 64);

    internal override void Validate(int resolution)
    {
        ClipConfig.Positive(Width, "vision width");
        foreach (int layers in (ReadOnlySpan<int>)[Layers.First, Layers.Second, Layers.Third, Layers.Fourth])
            ClipConfig.Positive(layers, "number of bottlenecks of a stage");
        if (Width % 2 != 0) throw new ArgumentException($"CLIP: a stem of {Width} channels cannot be halved");
        if (resolution < 32 || resolution % 32 != 0)
            throw new ArgumentException($"CLIP: the residual network divides the side by 32, which {resolution} pixels does not allow");
    }

    internal override Module<Tensor, Tensor> Build(int resolution, int embedding) => new ClipResNet(this, resolution, embedding);
}
