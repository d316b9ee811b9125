using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>What stands before a picture's codes.</summary>
public enum CodeCondition
{
    /// <summary>A start token.</summary>
    Start,

    /// <summary>A class's number, <c>(N)</c>.</summary>
    Class,

    /// <summary>The codes of another picture: a depth map, a segmentation, a pose.</summary>
    Picture,

    /// <summary>A map of places in [0, 1], <c>(N, 1, H, W)</c>.</summary>
    Coordinates,

    /// <summary>Tokens as they are, <c>(N, t)</c>.</summary>
    Tokens,
}

/// <summary>Logits of a picture's codes, and the codes.</summary>
/// <param name="Logits"><c>(N, h·w, Vocabulary)</c></param>
/// <param name="Targets"><c>(N, h·w)</c></param>
public sealed record CodePrediction(Tensor Logits, Tensor Targets) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Logits, Targets];

    /// <summary>Mean cross-entropy, <c>()</c>.</summary>
    public Tensor Loss()
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.CrossEntropy(Logits.Reshape([-1, Logits.Size(-1)]), Targets.Reshape([-1])));
    }
}

/// <summary>The two stages: a GPT that learns the sequence of a condition's tokens and a picture's codes.</summary>
public sealed record Net2NetConfig
{
    /// <summary>The autoencoder of the pictures.</summary>
    public VqConfig FirstStage { get; init; } = new();

    /// <summary>The autoencoder of the condition, where that is a picture.</summary>
    public VqConfig? ConditionStage { get; init; }

    /// <summary>The transformer.</summary>
    public GptConfig Transformer { get; init; } = new();

    /// <summary>What stands before the codes.</summary>
    public CodeCondition Condition { get; init; } = CodeCondition.Start;

    /// <summary>How coordinates become tokens.</summary>
    public CoordinateCodes Coordinates { get; init; } = new();

    /// <summary>The start token.</summary>
    public int Start { get; init; }

    /// <summary>The probability that training shows a code as it is, instead of a random one.</summary>
    public double Keep { get; init; } = 1;

    /// <summary>The order of the codes.</summary>
    public CodeOrder Order { get; init; } = CodeOrder.Identity;

    /// <summary>The side of the grid of codes that one sequence holds.</summary>
    public int Grid => FirstStage.Autoencoder.Resolution / FirstStage.Autoencoder.Downsampling;
}

/// <summary>
/// VQGAN with its transformer. 2012.09841 §3.2; CompVis/taming-transformers@3ba01b2 models/cond_transformer.py Net2NetTransformer. As a
/// module it gives a transformer's logits of a sequence <c>(N, t) -> (N, t, Vocabulary)</c>. Both autoencoders are frozen.
/// </summary>
public sealed partial class Net2Net : Module<Tensor, Tensor>
{
    /// <summary>Builds it.</summary>
    public Net2Net(Net2NetConfig config)
    {
        bool isPicture = config.Condition == CodeCondition.Picture;
        if (isPicture && config.ConditionStage is null) throw new ArgumentException("a picture as condition needs its own autoencoder");
        Config = config;
        FirstStageModel = new VqModel(config.FirstStage);
        CondStageModel = isPicture ? new VqModel(config.ConditionStage!) : null;
        Transformer = new Gpt(config.Transformer);
        FirstStageModel.RequireGrad(false);
        CondStageModel?.RequireGrad(false);
    }

    /// <summary>What it was built as.</summary>
    public Net2NetConfig Config { get; }

    /// <summary>The autoencoder of the pictures.</summary>
    public VqModel FirstStageModel { get; }

    /// <summary>The autoencoder of the condition.</summary>
    public VqModel? CondStageModel { get; }

    /// <summary>The transformer.</summary>
    public Gpt Transformer { get; }

    /// <summary>Only the transformer learns.</summary>
    public override void Train(bool on = true)
    {
        base.Train(on);
        FirstStageModel.Eval();
        CondStageModel?.Eval();
    }

    /// <summary>Codes of pictures in the transformer's order: <c>(N, C, H, W) -> (N, h·w)</c>.</summary>
    public Tensor PictureTokens(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var codes = FirstStageModel.CodesOf(pictures);
        return scope.Keep(InOrder(codes.Flatten(1), Permuter.Order(Config.Order, (int)codes.Size(1), (int)codes.Size(2))));
    }

    /// <summary>Tokens of a condition, <c>(N, t)</c>.</summary>
    /// <param name="condition">As <see cref="CodeCondition"/> says; nothing for a start token.</param>
    /// <param name="count">How many rows a start token has.</param>
    public Tensor ConditionTokens(Tensor? condition, long count = 1)
    {
        if (Config.Condition == CodeCondition.Start) return Tensor.Full([count, 1], Config.Start, DType.Int64);
        ArgumentNullException.ThrowIfNull(condition);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return scope.Keep(Config.Condition switch
        {
            CodeCondition.Class => condition.View([-1, 1]),
            CodeCondition.Picture => CondStageModel!.CodesOf(condition).Flatten(1),
            CodeCondition.Coordinates => Config.Coordinates.Encode(condition).Flatten(1),
            _ => condition,
        });
    }

    /// <summary>Pictures from codes in the transformer's order: <c>(N, h·w) -> (N, C, H, W)</c>.</summary>
    /// <param name="tokens">The codes.</param>
    /// <param name="height">h</param>
    /// <param name="width">w</param>
    public Tensor Decode(Tensor tokens, int height, int width)
    {
        using var scope = new TensorScope();
        var codes = InOrder(tokens, Permuter.Inverse(Permuter.Order(Config.Order, height, width)));
        return scope.Keep(FirstStageModel.DecodeCodes(codes.View([-1, height, width])));
    }

    /// <summary>What the transformer says of the codes of pictures, each from those before it.</summary>
    public CodePrediction Predict(Tensor pictures, Tensor? condition)
    {
        using var scope = new TensorScope();
        Tensor targets = PictureTokens(pictures), before = ConditionTokens(condition, pictures.Size(0)).To(targets.Device);
        return scope.Keep(PredictTokens(targets, before));
    }

    /// <summary>The same of codes in the transformer's order.</summary>
    /// <param name="targets"><c>(N, h·w)</c></param>
    /// <param name="before">The condition's tokens, <c>(N, t)</c>.</param>
    public CodePrediction PredictTokens(Tensor targets, Tensor before)
    {
        using var scope = new TensorScope();
        var sequence = Tensor.Cat([before, Disturbed(targets)], 1);
        var logits = Transformer.Call(sequence.Narrow(1, 0, sequence.Size(1) - 1));
        return scope.Keep(new CodePrediction(logits.Narrow(1, before.Size(1) - 1, targets.Size(1)), targets));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Transformer.Call(input);

    private static Tensor InOrder(Tensor tokens, long[] order) =>
        tokens.IndexSelect(1, Tensor.From(order).To(tokens.Device));

    private Tensor Disturbed(Tensor tokens)
    {
        if (!Training || Config.Keep >= 1) return tokens;
        var isKept = Tensor.Rand(tokens.Shape).To(tokens.Device) < Config.Keep;
        return Functional.Where(isKept, tokens, Tensor.Randint(Config.FirstStage.Codes, tokens.Shape, DType.Int64).To(tokens.Device));
    }
}
