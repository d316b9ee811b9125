using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;
using Buffer = Sconce.Nn.Buffer;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>
/// One transformer over a caption's tokens and then a picture's codes: <c>text (N, TextLength), codes (N, n) -> (N, TextLength + n,
/// TextVocabulary + Codes)</c>, at each position the logits of the next token. Token 0 is padding. 2102.12092 §2.2; the official network
/// was never released: keys and details as in ai-forever/ru-dalle@0255cec model.py.
/// </summary>
public sealed partial class DalleTransformer : Module<Tensor, Tensor, Tensor>
{
    /// <summary>The weights of text and picture in the loss, 1 and 7 of 8. 2102.12092 §2.2.</summary>
    private const double PictureWeight = 7.0 / 8;

    /// <summary>Weights N(0, 0.02).</summary>
    public DalleTransformer(DalleConfig config)
    {
        Config = config;
        TextEmbeddings = new Embedding(config.TextVocabulary, config.Width);
        ImageEmbeddings = new Embedding(config.Codes, config.Width);
        TextPosEmbeddings = new Embedding(config.TextLength + 1, config.Width);
        ImageRowEmbeddings = new Embedding(config.Grid, config.Width);
        ImageColEmbeddings = new Embedding(config.Grid, config.Width);
        if (config.NormOfLogits) ToLogits["0"] = new LayerNorm(config.Width);
        ToLogits["1"] = new Linear(config.Width, config.TextVocabulary + config.Codes);
        Transformer = new DalleBlocks(config);
        Padding = new Buffer(Tensor.Arange(config.TextVocabulary - config.TextLength, config.TextVocabulary, DType.Int64));
        foreach (var (_, module) in NamedModules()) Initialize(module);
    }

    /// <summary>What it was built as.</summary>
    public DalleConfig Config { get; }

    private Embedding TextEmbeddings { get; }

    private Embedding ImageEmbeddings { get; }

    private Embedding TextPosEmbeddings { get; }

    private Embedding ImageRowEmbeddings { get; }

    private Embedding ImageColEmbeddings { get; }

    private Sequential ToLogits { get; } = [];

    private DalleBlocks Transformer { get; }

    /// <summary>The padding token of each position, <c>(TextLength)</c>.</summary>
    [NotSaved]
    private Buffer Padding { get; }

    /// <summary>A cache for a caption and its picture.</summary>
    public KeyValueCache Cache() => new(Config.Layers, Config.TextLength + Config.PictureLength);

    /// <summary>Logits at each position of a caption: <c>(N, TextLength) -> (N, TextLength, TextVocabulary + Codes)</c>.</summary>
    public Tensor ReadText(Tensor text, KeyValueCache? cache)
    {
        using var scope = new TensorScope();
        return scope.Keep(Read(EmbedText(Padded(text)), cache));
    }

    /// <summary>Logits at each position of codes that follow those in the cache: <c>(N, n) -> (N, n, TextVocabulary + Codes)</c>.</summary>
    /// <param name="codes">The new ones.</param>
    /// <param name="cache">With the caption and the codes before.</param>
    public Tensor ReadCodes(Tensor codes, KeyValueCache cache)
    {
        using var scope = new TensorScope();
        return scope.Keep(Read(EmbedCodes(codes, cache.Length - Config.TextLength), cache));
    }

    /// <summary>The loss of captions and their pictures.</summary>
    /// <param name="text"><c>(N, TextLength)</c></param>
    /// <param name="codes"><c>(N, Grid²)</c></param>
    /// <param name="span">Which positions speak for text, and which for the picture.</param>
    public DalleLoss Loss(Tensor text, Tensor codes, LossSpan span = LossSpan.Paper)
    {
        using var scope = new TensorScope();
        return scope.Keep(Loss(Call(text, codes), text, codes, span));
    }

    /// <summary>The same of logits that are known.</summary>
    public DalleLoss Loss(Tensor logits, Tensor text, Tensor codes, LossSpan span)
    {
        using var scope = new TensorScope();
        int first = span == LossSpan.Paper ? Config.TextLength - 1 : Config.TextLength; // positions of text
        var labels = Tensor.Cat([Padded(text).Narrow(1, 1, Config.TextLength - 1), codes], 1);
        long pictures = labels.Size(1) - first;
        var ofText = Functional.CrossEntropy(
            logits.Narrow(1, 0, first).Narrow(2, 0, Config.TextVocabulary).Flatten(0, 1), labels.Narrow(1, 0, first).Flatten());
        var ofPicture = Functional.CrossEntropy(
            logits.Narrow(1, first, pictures).Narrow(2, Config.TextVocabulary, Config.Codes).Flatten(0, 1),
            labels.Narrow(1, first, pictures).Flatten());
        return scope.Keep(new DalleLoss((ofText * (1 - PictureWeight)) + (ofPicture * PictureWeight), ofText, ofPicture));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor first, Tensor second)
    {
        if (first.Dimensions != 2 || first.Size(1) != Config.TextLength || second.Dimensions != 2 || second.Size(1) > Config.PictureLength)
        {
            throw new TorchException(
                $"DALL·E: text of shape [{string.Join(", ", first.Shape.ToArray())}] and codes of shape "
                + $"[{string.Join(", ", second.Shape.ToArray())}], but (N, {Config.TextLength}) and (N, at most {Config.PictureLength}) "
                + "are expected: pad captions with 0, cut longer ones");
        }

        var x = EmbedText(Padded(first));
        return Read(second.Size(1) == 0 ? x : Tensor.Cat([x, EmbedCodes(second, 0)], 1), null);
    }

    private static void Initialize(Module module)
    {
        if (module is Embedding table) Init.Normal(table.Weight, 0.02);
        if (module is not Linear layer) return;
        Init.Normal(layer.Weight, 0.02);
        Init.Constant(layer.Bias!, 0);
    }

    private Tensor Padded(Tensor text) => Functional.Where(text.Eq(0), Padding, text);

    private Tensor EmbedText(Tensor text) => TextEmbeddings.Call(text) + TextPosEmbeddings.Weight.Narrow(0, 0, text.Size(1));

    private Tensor EmbedCodes(Tensor codes, int start)
    {
        var places = Tensor.Arange(start, start + codes.Size(1), DType.Int64).To(codes.Device);
        var rows = places.Div(Config.Grid, roundingMode: "floor");
        return ImageEmbeddings.Call(codes) + ImageRowEmbeddings.Call(rows) + ImageColEmbeddings.Call(places % Config.Grid);
    }

    private Tensor Read(Tensor x, KeyValueCache? cache)
    {
        double share = Config.EmbeddingGradient;
        if (share != 1) x = (x * share) + (x.Detach() * (1 - share));
        return ToLogits.Call(Transformer.Run(x, cache));
    }
}

/// <summary>Which positions of a sequence are asked for text, and which for codes.</summary>
public enum LossSpan
{
    /// <summary>The last position of text is asked for the first code.</summary>
    Paper,

    /// <summary>It is asked for a word whose number is the first code's, and no position for the first code. ru-dalle.</summary>
    RuDalle,
}

/// <summary>Mean cross-entropies, each <c>()</c>.</summary>
/// <param name="Loss">What is minimised.</param>
/// <param name="Text">Of the captions' tokens.</param>
/// <param name="Picture">Of the codes.</param>
public sealed record DalleLoss(Tensor Loss, Tensor Text, Tensor Picture) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Loss, Text, Picture];
}
