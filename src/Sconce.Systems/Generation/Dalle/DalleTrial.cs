using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Sampling;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>How long the claim's networks learn, and how much is painted.</summary>
internal sealed record DalleTrialLength(int DvaeSteps, int TransformerSteps, int ScorerSteps, int Captions)
{
    internal const int Candidates = 32;
}

/// <summary>A small judge of whether picture and caption belong together: cosines in a space of 32 numbers.</summary>
internal sealed partial class CaptionScorer : Module
{
    private const int Width = 32;
    private const double Scale = 10;

    internal Sequential Eye { get; } = new(
        new Conv2d(3, 16, 3, 2, 1), new Relu(), new Conv2d(16, 32, 3, 2, 1), new Relu(), new Conv2d(32, 32, 3, 2, 1), new Relu(),
        new Flatten(), new Linear(32 * 16, Width));

    internal Embedding Words { get; } = new(QuadrantShapes.Vocabulary, Width);

    internal Sequential Ear { get; } = new(new Linear(QuadrantShapes.Words * Width, 64), new Relu(), new Linear(64, Width));

    /// <summary>Pictures' vectors of length one, <c>(N, 3, 32, 32) -> (N, 32)</c>.</summary>
    internal Tensor OfPictures(Tensor pictures) => Functional.Normalize(Eye.Call(pictures), 1);

    /// <summary>Captions' vectors of length one, <c>(N, 3) -> (N, 32)</c>.</summary>
    internal Tensor OfCaptions(Tensor tokens) => Functional.Normalize(Ear.Call(Words.Call(tokens).Flatten(1)), 1);

    /// <summary>Which caption is whose picture's, and which picture whose caption's; 2103.00020 figure 3.</summary>
    internal Tensor Loss(Tensor pictures, Tensor tokens)
    {
        var logits = OfPictures(pictures).Matmul(OfCaptions(tokens).T()) * Scale;
        var own = Tensor.Arange(tokens.Size(0), dtype: DType.Int64);
        return (Functional.CrossEntropy(logits, own) + Functional.CrossEntropy(logits.T(), own)) / 2;
    }
}

/// <summary>
/// A complete DALL·E in small: autoencoder, transformer, and a judge to rank by. All that is drawn follows from libtorch's seed.
/// </summary>
internal sealed class DalleTrial : IDisposable
{
    private const int DvaeBatch = 16, Batch = 32;
    private static readonly DvaeConfig Codec = new() { Width = 24, Blocks = 1, Groups = 3, Codes = 64, CodeWidth = 32, Gain = 1 };
    /// <summary>What is kept: both stages with the words of the captions.</summary>
    internal static ModelVariant Network { get; } = new(
        "dalle_claim", "what the claim trains: pictures of 32 px from three words, such as red disc topleft", _ => Whole())
    {
        Capabilities = [new CaptionPainter(), new DvaePictures()],
    };

    private static DalleConfig Config => new()
    {
        Layers = 4,
        Width = 96,
        Heads = 4,
        TextVocabulary = QuadrantShapes.Vocabulary + QuadrantShapes.Words,
        TextLength = QuadrantShapes.Words,
        Codes = Codec.Codes,
        Grid = QuadrantShapes.Side / Codec.Downsampling,
        Kernel = 5,
    };

    private readonly Dvae dvae = new(Codec);
    private readonly CaptionScorer scorer = new();

    public void Dispose()
    {
        dvae.Dispose();
        scorer.Dispose();
    }

    /// <summary>The autoencoder's loss, step by step.</summary>
    internal List<double> Losses { get; } = [];

    /// <summary>The first stage and the judge.</summary>
    internal void Train(Tensor pictures, Tensor tokens, DalleTrialLength length, Action<string, int, int> told)
    {
        var settings = new DvaeLossSettings { Softness = 1, Beta = 6.6, Plain = length.DvaeSteps * 2 / 5, Squares = 10 };
        var objective = new DvaeObjective(settings, length.DvaeSteps);
        Learn("autoencoder", dvae.Parameters(), 3e-3, length.DvaeSteps, told, step =>
        {
            var loss = objective.Of(dvae, Some(pictures, DvaeBatch, out _), step).Loss;
            Losses.Add(loss.Detach().Item<double>());
            return loss;
        });
        Learn("judge", scorer.Parameters(), 1e-3, length.ScorerSteps, told, _ =>
        {
            var seen = Some(pictures, Batch, out var places);
            return scorer.Loss(seen, tokens.IndexSelect(0, places));
        });
    }

    /// <summary>A transformer that has learned nothing.</summary>
    internal static DalleTransformer NewTransformer() => new(Config);

    /// <summary>A transformer on captions, which may be shuffled.</summary>
    internal DalleTransformer Transformer(Tensor pictures, Tensor tokens, DalleTrialLength length, Action<string, int, int> told)
    {
        using var scope = new TensorScope();
        var transformer = NewTransformer();
        Tensor codes;
        using (Gradients.Off()) codes = Tensor.Cat([.. pictures.Split(250, 0).Select(some => dvae.Encode(some).Flatten(1))], 0);
        Learn("transformer", transformer.Parameters(), 1.5e-3, length.TransformerSteps, told, _ =>
        {
            var some = Some(codes, Batch, out var places);
            return transformer.Loss(tokens.IndexSelect(0, places), some).Loss;
        });
        return transformer;
    }

    /// <summary>Candidates of each caption in turn: <c>(captions · 32, 3, 32, 32)</c> in [0, 1].</summary>
    internal Tensor Paint(DalleTransformer transformer, Tensor tokens)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var captions = tokens.Unsqueeze(1).Expand([-1, DalleTrialLength.Candidates, -1]).Reshape([-1, QuadrantShapes.Words]);
        int grid = transformer.Config.Grid;
        var codes = DalleSampling.Draw(transformer, captions, new TokenSampler());
        return scope.Keep(Tensor.Cat([.. codes.View([-1, grid, grid]).Split(250, 0).Select(dvae.Decode)], 0));
    }

    /// <summary>Pictures through the codes and back.</summary>
    internal Tensor Reconstruct(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return scope.Keep(dvae.Call(pictures));
    }

    /// <summary>How well each candidate fits its caption, caption by caption.</summary>
    internal float[] Scores(Tensor painted, Tensor tokens)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var captions = scorer.OfCaptions(tokens).Unsqueeze(1).Expand([-1, DalleTrialLength.Candidates, -1]).Flatten(0, 1);
        return (scorer.OfPictures(painted) * captions).Sum([1]).ToArray<float>();
    }

    /// <summary>The autoencoder and a transformer as they are, in one.</summary>
    internal ClaimNetwork Keep(DalleTransformer transformer)
    {
        using var whole = Whole();
        dvae.CopyTo(whole.Dvae);
        transformer.CopyTo(whole.Transformer);
        return ClaimNetwork.Of(Network.Name, whole);
    }

    private static DalleModel Whole() => new(Codec, Config, CaptionVocabulary.OfWords(QuadrantShapes.Spelling).ToBytes());

    private static Tensor Some(Tensor rows, int count, out Tensor places) =>
        rows.IndexSelect(0, places = Tensor.Randint(rows.Size(0), [count], DType.Int64));

    /// <summary>Adam whose rate falls by half a cosine.</summary>
    private static void Learn(
        string name, IEnumerable<Parameter> parameters, double rate, int steps, Action<string, int, int> told, Func<int, Tensor> loss)
    {
        using var adam = new AdamW(parameters, rate, weightDecay: 1e-4);
        var schedule = LearningRateSchedule.Cosine(rate, steps);
        for (int step = 0; step < steps; step++)
        {
            told(name, step, steps);
            using var scope = new TensorScope();
            adam.LearningRate = schedule.At(step);
            adam.ZeroGrad();
            loss(step).Backward();
            adam.Step();
        }
    }
}
