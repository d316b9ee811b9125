using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// Two towers into one space: a picture and the sentence that describes it point the same way. 2103.00020 §2; openai/CLIP@d05afc4
/// clip/model.py. <c>(N, 3, side, side), (M, tokens) -> (N, M) and (M, N) logits</c>: cosines times exp(<see cref="LogitScale"/>).
/// </summary>
public sealed partial class ClipModel : Module<Tensor, Tensor, (Tensor LogitsPerImage, Tensor LogitsPerText)>
{
    /// <summary>The greatest factor that training lets exp(<see cref="LogitScale"/>) reach (2103.00020 §2.5).</summary>
    public const double LargestScale = 100;

    /// <summary>The official initial weights.</summary>
    /// <exception cref="ArgumentException">The configuration is impossible; the message says where.</exception>
    public ClipModel(ClipConfig config)
    {
        config.Validate();
        Config = config;
        var text = config.Text;
        PositionalEmbedding = Init.Normal(Parameter.Empty(text.ContextLength, text.Width), 0.01);
        TextProjection = Init.Normal(Parameter.Empty(text.Width, config.EmbedDim), Math.Pow(text.Width, -0.5));
        LogitScale = Parameter.Full(Math.Log(1 / 0.07), []);
        Visual = config.Vision.Build(config.ImageResolution, config.EmbedDim);
        Transformer = new ClipTransformer(text.Width, text.Layers, text.Heads);
        Transformer.Initialize();
        TokenEmbedding = new Embedding(text.VocabularySize, text.Width);
        Init.Normal(TokenEmbedding.Weight, 0.02);
        LnFinal = new LayerNorm(text.Width);
        Mask = new Nn.Buffer(ClipTransformer.CausalMask(text.ContextLength));
    }

    /// <summary>The numbers it was built from.</summary>
    public ClipConfig Config { get; }

    /// <summary>Of the sentence's tokens <c>(context, text width)</c>.</summary>
    public Parameter PositionalEmbedding { get; }

    /// <summary>Into the shared space <c>(text width, embedding)</c>.</summary>
    public Parameter TextProjection { get; }

    /// <summary>The logarithm of the factor that turns cosines into logits <c>()</c>; ln(1 / 0.07) at first.</summary>
    public Parameter LogitScale { get; }

    /// <summary>The picture's tower: a <see cref="ClipVisionTransformer"/> or a <see cref="ClipResNet"/>.</summary>
    public Module<Tensor, Tensor> Visual { get; }

    /// <summary>The sentence's blocks.</summary>
    public ClipTransformer Transformer { get; }

    /// <summary>The table of tokens.</summary>
    public Embedding TokenEmbedding { get; }

    /// <summary>After the last block of the text.</summary>
    public LayerNorm LnFinal { get; }

    [NotSaved]
    private Nn.Buffer Mask { get; }

    /// <summary>Loads a released file or a plain state dict; the configuration is read from the tensors' shapes. Half-precision weights
    /// become single. Ready to answer.</summary>
    /// <param name="path">TorchScript archive, state dict or safetensors.</param>
    /// <param name="config">What the network is, where shapes cannot tell: heads of other than 64 channels.</param>
    /// <exception cref="CheckpointException">The file is damaged or holds no CLIP model; the message says what is missing.</exception>
    public static ClipModel Load(string path, ClipConfig? config = null)
    {
        using var checkpoint = Checkpoint.Open(path);
        config ??= ClipCheckpoint.ReadConfig(checkpoint);
        ClipModel model;
        using (Init.Skipped()) model = new ClipModel(config);
        try
        {
            ModelWeights.Load(model, checkpoint, ClipCheckpoint.Options);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        model.Eval();
        return model;
    }

    /// <summary>Pictures into the shared space; <c>(N, 3, side, side), normalised -> (N, embedding)</c>, not of unit length.</summary>
    public Tensor EncodeImage(Tensor image) => Visual.Call(image);

    /// <summary>Sentences into the shared space; <c>(M, tokens) -> (M, embedding)</c>, not of unit length.</summary>
    /// <param name="tokens">Token ids, Int64 or Int32. The highest id of a row marks its end, and what stands after it has no influence;
    /// rows may be shorter than the context.</param>
    /// <exception cref="TorchException">Rows longer than the context, or ids outside the vocabulary.</exception>
    public Tensor EncodeText(Tensor tokens)
    {
        int context = Config.Text.ContextLength;
        if (tokens.Dimensions != 2 || tokens.Size(1) > context || tokens.Size(1) < 1)
        {
            throw new TorchException($"CLIP: tokens of shape [{string.Join(", ", tokens.Shape.ToArray())}], but this model takes "
                + $"(sentences, 1 to {context})");
        }

        using var scope = new TensorScope();
        long length = tokens.Size(1);
        var embedded = TokenEmbedding.Call(tokens) + PositionalEmbedding[..(int)length]; // (M, tokens, width)
        var x = Transformer.Call(embedded, Mask[..(int)length, ..(int)length]);
        var end = tokens.Argmax(-1); // the end token has the highest id
        var rows = x[Tensor.Arange(tokens.Size(0), device: tokens.Device), end]; // (M, width)
        return scope.Keep(LnFinal.Call(rows).Matmul(TextProjection));
    }

    /// <summary>Keeps exp(<see cref="LogitScale"/>) at or below <see cref="LargestScale"/>; after every step of training.</summary>
    public void ClampLogitScale()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        LogitScale.ClampMaxInPlace(Math.Log(LargestScale));
    }

    /// <inheritdoc/>
    protected override (Tensor LogitsPerImage, Tensor LogitsPerText) Forward(Tensor image, Tensor text)
    {
        var images = ContrastiveLoss.UnitLength(EncodeImage(image));
        var texts = ContrastiveLoss.UnitLength(EncodeText(text));
        var perImage = images.Matmul(texts.T()) * LogitScale.Exp(); // (N, M)
        return (perImage, perImage.T());
    }
}
