using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// A list of class names as a linear classifier: each row is the normalised mean of the normalised features of the class's sentences
/// (2103.00020 §3.1.4; openai/CLIP@d05afc4 notebooks/Prompt_Engineering_for_ImageNet.ipynb). Uses the model that made it, which must
/// outlive it.
/// </summary>
public sealed class ZeroShotClassifier : IDisposable
{
    /// <summary>The factor of the cosines: the constant that exp(s) reached in every released model.</summary>
    public const double Scale = 100;

    private const int SentencesAtOnce = 64;

    private readonly ClipModel model;

    private ZeroShotClassifier(ClipModel model, IReadOnlyList<string> labels, Tensor weights)
    {
        this.model = model;
        Labels = labels;
        Weights = weights;
    }

    /// <summary>The classes, in the order of the rows.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Rows of unit length <c>(classes, embedding)</c>.</summary>
    public Tensor Weights { get; }

    /// <summary>Embeds the sentences of every class.</summary>
    /// <param name="model">Ready to answer (<c>Eval</c>).</param>
    /// <param name="tokenizer">The model's own vocabulary.</param>
    /// <param name="labels">Class names.</param>
    /// <param name="templates">Sentences with <c>{}</c> for the name; the names alone where left out.</param>
    /// <param name="progress">Told after every batch of sentences.</param>
    /// <param name="cancellation">Ends it early.</param>
    /// <exception cref="ArgumentException">No label, an empty one, a template without a place for the name, a sentence that is too long, or
    /// a vocabulary that is not the model's.</exception>
    public static ZeroShotClassifier Create(
        ClipModel model, ClipTokenizer tokenizer, IReadOnlyList<string> labels, IReadOnlyList<string>? templates = null,
        IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(labels);
        if (labels.Count == 0) throw new ArgumentException("a classifier needs at least one label");
        if (labels.Any(string.IsNullOrWhiteSpace)) throw new ArgumentException("a label is empty");
        if (tokenizer.VocabularySize != model.Config.Text.VocabularySize)
        {
            throw new ArgumentException($"the vocabulary has {tokenizer.VocabularySize} tokens, but the model knows "
                + $"{model.Config.Text.VocabularySize}: use the vocabulary that belongs to the weights");
        }

        templates ??= [PromptTemplates.Placeholder];
        var sentences = labels.SelectMany(label => PromptTemplates.Fill(templates, label)).ToList();
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var features = new List<Tensor>();
        for (int start = 0; start < sentences.Count; start += SentencesAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = sentences.GetRange(start, Math.Min(SentencesAtOnce, sentences.Count - start));
            features.Add(model.EncodeText(Tokens(tokenizer, batch, model.Config.Text.ContextLength).To(model.TextProjection.Device)));
            progress?.Report(new WorkProgress("sentences", start + batch.Count, sentences.Count));
        }

        var grouped = Tensor.Cat(features.ToArray(), 0).Reshape([labels.Count, templates.Count, -1]); // (classes, templates, e)
        return new ZeroShotClassifier(model, [.. labels], scope.KeepForever(Average(grouped)));
    }

    /// <summary>A class's row: its sentences' features normalised, averaged, normalised;
    /// <c>(classes, templates, e) -> (classes, e)</c>.</summary>
    public static Tensor Average(Tensor textFeatures)
    {
        using var scope = new TensorScope();
        return scope.Keep(ContrastiveLoss.UnitLength(ContrastiveLoss.UnitLength(textFeatures).Mean([-2])));
    }

    /// <summary>Scaled cosines; <c>(N, e), (classes, e) of unit length -> (N, classes)</c>.</summary>
    public static Tensor Logits(Tensor imageFeatures, Tensor weights, double scale = Scale)
    {
        using var scope = new TensorScope();
        return scope.Keep(ContrastiveLoss.UnitLength(imageFeatures).Matmul(weights.T()) * scale);
    }

    /// <summary>Probabilities of pictures that are prepared already; <c>(N, 3, side, side) -> (N, classes)</c>.</summary>
    public Tensor Classify(Tensor images)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        return scope.Keep(Logits(model.EncodeImage(images.To(Weights.Device)), Weights).Softmax(-1));
    }

    /// <summary>Every label with its probability, best first.</summary>
    /// <param name="picture">Any size and kind.</param>
    public IReadOnlyList<(string Label, double Probability)> Classify(Image picture)
    {
        using var scope = new TensorScope();
        float[] probabilities = Classify(ClipPreprocess.Apply(picture, model.Config.ImageResolution).Unsqueeze(0)).Cpu().ToArray<float>();
        return [.. Labels.Select((label, k) => (label, (double)probabilities[k])).OrderByDescending(answer => answer.Item2)];
    }

    /// <summary>Frees the rows; the model is left alone.</summary>
    public void Dispose() => Weights.Dispose();

    /// <summary>Token rows as long as the longest sentence: the mask is causal, so padding beyond it changes nothing but the
    /// time.</summary>
    internal static Tensor Tokens(ClipTokenizer tokenizer, IReadOnlyList<string> sentences, int context)
    {
        long[][] rows = [.. sentences.Select(sentence => tokenizer.Tokenize(sentence, context))];
        int longest = rows.Max(row => Array.IndexOf(row, tokenizer.EndToken)) + 1;
        return Tensor.From(rows.SelectMany(row => row.Take(longest)).ToArray(), [rows.Length, longest]);
    }
}
