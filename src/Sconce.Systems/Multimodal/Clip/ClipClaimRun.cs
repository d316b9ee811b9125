using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>The claim's encoder of pictures: four convolutions, 32-64-128-128 channels, the first 5×5 and the others 3×3, the first three
/// of stride 2, then the mean; <c>(N, 3, 32, 32) -> (N, embedding)</c>.</summary>
internal sealed partial class SmallEncoder(int embedding) : Module<Tensor, Tensor>
{
    public Sequential Body { get; } = new(Stage(3, 32, 5, 2).Concat(Stage(32, 64, 3, 2)).Concat(Stage(64, 128, 3, 2))
        .Concat(Stage(128, 128, 3, 1)).Append(new GlobalAvgPool2d()).Append(new Linear(128, embedding)));

    protected override Tensor Forward(Tensor image) => Body.Call(image);

    private static IEnumerable<Module<Tensor, Tensor>> Stage(int inputs, int outputs, int kernel, int stride) =>
        [new Conv2d(inputs, outputs, kernel, stride, kernel / 2, bias: false), new BatchNorm2d(outputs), new Relu(inPlace: true)];
}

/// <summary>The claim's tower for pictures, for a <see cref="ClipModel"/>.</summary>
internal sealed record SmallEncoderConfig() : ClipVisionConfig(32)
{
    internal override void Validate(int resolution)
    {
    }

    internal override Module<Tensor, Tensor> Build(int resolution, int embedding) => new SmallEncoder(embedding);
}

/// <summary>Predicts a caption's words from the picture: the same encoder, one number a word;
/// <c>(N, 3, 32, 32) -> (N, words)</c>.</summary>
internal sealed partial class WordPredictor(int embedding, int words) : Module<Tensor, Tensor>
{
    public SmallEncoder Encoder { get; } = new(embedding);

    public Linear Head { get; } = new(embedding, words);

    protected override Tensor Forward(Tensor image) => Head.Call(Encoder.Call(image));
}

/// <summary>One seed of the claim: both arms trained on the same batches, then asked.</summary>
internal sealed class ClipClaimRun(int seed, int pairs, int steps, int seenTests, int unseenTests, int probeSteps)
{
    internal const int Embedding = 64, Batch = 128;
    internal const double Rate = 1e-3;
    internal static readonly int[] Shots = [1, 2, 4, 8, 16];

    private static readonly double[] Decays = [0.01, 0.1, 1];

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = new(
        "clip_claim", "what the claim trains: coloured shapes of 32 px and captions of its own words", _ => Model())
    {
        Capabilities = [TensorInput.Pictures(CaptionedShapes.Side)],
    };

    /// <summary>The pair of encoders, when it has been trained.</summary>
    internal ClaimNetwork? Kept { get; private set; }

    internal List<double> ClipLosses { get; } = [];

    internal List<double> WordLosses { get; } = [];

    /// <summary>Accuracies among all 48 classes.</summary>
    internal (double ClipSeen, double ClipUnseen, double WordsSeen, double WordsUnseen) Accuracy { get; private set; }

    /// <summary>Every class alike: zero-shot, then the probes, one a number of <see cref="Shots"/>.</summary>
    internal (double ZeroShot, double[] Probes) Balanced { get; private set; }

    /// <summary>The first training pairs, for the report: pictures in [-1, 1] and captions.</summary>
    internal (float[] Images, string[] Captions) Samples { get; private set; }

    internal void Run(Action<string, int, double> progress, CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed((ulong)seed);
        var random = new Random(seed);
        using var train = new CaptionedShapes(pairs, CaptionedShapes.SeenClasses, random);
        using var seen = new CaptionedShapes(seenTests, CaptionedShapes.SeenClasses, random);
        using var unseen = new CaptionedShapes(unseenTests, CaptionedShapes.UnseenClasses, random);
        using var shots = CaptionedShapes.Balanced(Shots[^1], random);
        long[][] batches = [.. Enumerable.Range(0, steps)
            .Select(_ => Enumerable.Range(0, Batch).Select(_ => (long)random.Next(pairs)).ToArray())];
        using (var scope = new TensorScope())
            Samples = (train.Images[..Math.Min(16, pairs)].ToArray<float>(), train.Captions[..Math.Min(16, pairs)]);

        using var clip = Model();
        Train(clip, batches, rows => ContrastiveLoss.Compute(clip.EncodeImage(train.Images[rows]), clip.EncodeText(train.Tokens[rows]),
            clip.LogitScale).Loss, clip.ClampLogitScale, (step, loss) => Note(ClipLosses, "contrastive", step, loss), cancellation);

        Kept = ClaimNetwork.Of(Network.Name, clip);
        using var words = new WordPredictor(Embedding, CaptionedShapes.VocabularySize);
        using var bags = Bags(train);
        Train(words, batches, rows => -(bags[rows] * words.Call(train.Images[rows]).LogSoftmax(-1)).Sum([1]).Mean(), null,
            (step, loss) => Note(WordLosses, "word prediction", step, loss), cancellation);

        using var answers = new TensorScope();
        Tensor seenFeatures, unseenFeatures, shotFeatures;
        using (Gradients.Off())
        {
            var classes = ZeroShotClassifier.Average(clip.EncodeText(ClassSentences()).Unsqueeze(1)); // (48, embedding)
            seenFeatures = clip.EncodeImage(seen.Images);
            unseenFeatures = clip.EncodeImage(unseen.Images);
            shotFeatures = clip.EncodeImage(shots.Images);
            Accuracy = (
                Correct(ZeroShotClassifier.Logits(seenFeatures, classes), seen),
                Correct(ZeroShotClassifier.Logits(unseenFeatures, classes), unseen),
                Correct(ClassScores(words.Call(seen.Images)), seen),
                Correct(ClassScores(words.Call(unseen.Images)), unseen));
        }

        Balanced = (Weigh(Accuracy.ClipSeen, Accuracy.ClipUnseen),
            [.. Shots.Select(k => Probe(k, shotFeatures, seenFeatures, seen, unseenFeatures, unseen, cancellation))]);

        void Note(List<double> losses, string stage, int step, double loss)
        {
            losses.Add(loss);
            progress(stage, step, loss);
        }
    }

    private static ClipModel Model() =>
        new(new ClipConfig(Embedding, CaptionedShapes.Side, new SmallEncoderConfig(), new ClipTextConfig(64, 4, 2)
        { ContextLength = CaptionedShapes.ContextLength, VocabularySize = CaptionedShapes.VocabularySize }));

    /// <summary>AdamW, 1e-3, cosine; no decay of gains, offsets and the scale. Leaves the network ready to answer.</summary>
    private void Train(Module network, long[][] batches, Func<Tensor, Tensor> loss, Action? after, Action<int, double> told,
        CancellationToken cancellation)
    {
        using var optimizer = new AdamW(ParameterGroup.WeightsAndVectors(network), Rate, weightDecay: 0.1);
        var schedule = LearningRateSchedule.Cosine(Rate, steps);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            optimizer.ZeroGrad();
            var value = loss(Tensor.From(batches[step]));
            value.Backward();
            schedule.Apply(optimizer, step);
            optimizer.Step();
            after?.Invoke();
            told(step + 1, value.Item<float>());
        }

        optimizer.ZeroGrad();
        network.Eval();
    }

    /// <summary>Each caption's words, evenly weighted, summing to one <c>(N, vocabulary)</c>.</summary>
    private static Tensor Bags(CaptionedShapes data)
    {
        var bags = new float[data.Captions.Length * CaptionedShapes.VocabularySize];
        for (int k = 0; k < data.Captions.Length; k++)
        {
            string[] words = [.. data.Captions[k].Split(' ').Distinct()];
            foreach (string word in words) bags[(k * CaptionedShapes.VocabularySize) + CaptionedShapes.Token(word)] = 1f / words.Length;
        }

        return Tensor.From(bags, [data.Captions.Length, CaptionedShapes.VocabularySize]);
    }

    /// <summary>One sentence a class <c>(48, context)</c>.</summary>
    private static Tensor ClassSentences() => Tensor.From(
        CaptionedShapes.AllClasses.Select(CaptionedShapes.Name)
            .SelectMany(name => CaptionedShapes.Tokenize($"a photo of a {name.Color} {name.Shape}")).ToArray(),
        [CaptionedShapes.AllClasses.Count, CaptionedShapes.ContextLength]);

    /// <summary>The sum of the log-probabilities of a class's two words; <c>(N, vocabulary) -> (N, 48)</c>.</summary>
    private static Tensor ClassScores(Tensor logits)
    {
        var names = CaptionedShapes.AllClasses.Select(CaptionedShapes.Name).ToArray();
        var all = logits.LogSoftmax(-1);
        return all.IndexSelect(1, Tensor.From(names.Select(name => (long)CaptionedShapes.Token(name.Color)).ToArray()))
            + all.IndexSelect(1, Tensor.From(names.Select(name => (long)CaptionedShapes.Token(name.Shape)).ToArray()));
    }

    /// <summary>
    /// Logistic regression on the trained features of k pictures a class, standardised, with the weight decay that does best on the test
    /// pictures: which flatters the probe, so that what beats it beats it fairly.
    /// </summary>
    private double Probe(int k, Tensor shots, Tensor seenFeatures, CaptionedShapes seen, Tensor unseenFeatures, CaptionedShapes unseen,
        CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        int classes = CaptionedShapes.AllClasses.Count;
        var labels = Tensor.Arange(classes).RepeatInterleave(k);
        var chosen = shots.Reshape([classes, Shots[^1], -1])[.., ..k].Reshape([classes * k, -1]);
        var (mean, std) = (chosen.Mean([0]), chosen.Std([0], unbiased: false) + 1e-6);
        var x = (chosen - mean) / std;
        double best = 0;
        foreach (double decay in Decays)
        {
            cancellation.ThrowIfCancellationRequested();
            using var layer = new Linear(Embedding, classes);
            using var optimizer = new AdamW(layer.Parameters(), 0.02, weightDecay: decay);
            for (int step = 0; step < probeSteps; step++)
            {
                using var stepScope = new TensorScope();
                optimizer.ZeroGrad();
                Functional.CrossEntropy(layer.Call(x), labels).Backward();
                optimizer.Step();
            }

            best = Math.Max(best, Weigh(Correct(layer.Call((seenFeatures - mean) / std), seen),
                Correct(layer.Call((unseenFeatures - mean) / std), unseen)));
        }

        return best;
    }

    private static double Correct(Tensor scores, CaptionedShapes data)
    {
        using var scope = new TensorScope();
        long[] answers = scores.Detach().Argmax(-1).ToArray<long>();
        return answers.Zip(data.Labels).Count(pair => pair.First == pair.Second) / (double)answers.Length;
    }

    /// <summary>The accuracy over all classes, each counted alike.</summary>
    private static double Weigh(double seen, double unseen) =>
        ((seen * CaptionedShapes.SeenClasses.Count) + (unseen * CaptionedShapes.UnseenClasses.Count)) / CaptionedShapes.AllClasses.Count;
}
