using Sconce.Catalogue;
using Sconce.Imaging;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Pictures against a list of sentences: which one describes each picture best.</summary>
public sealed class ClipPredictor : Predictor
{
    private const string VocabularyFileName = "bpe_simple_vocab_16e6.txt.gz";

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, how well every one of your labels describes it (probabilities over the labels)";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Help)> Options =>
    [
        ("labels", "what the picture may show, with commas between: \"a kangaroo,a dog\"; or the path of a text file, one label a line"),
        ("vocabulary", $"the tokeniser's file, {VocabularyFileName} of the CLIP repository; found by itself beside the weights"),
        ("templates", "sentences around each label: imagenet (80), imagenet-short (7), or a text file with one sentence with {} a line; by default the labels alone"),
    ];

    /// <inheritdoc/>
    public override IEnumerable<PredictResult> Predict(PredictRequest request, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        string weights = request.Weights ?? throw new UsageException("--weights is missing: the path of a released CLIP file, such as ViT-B-32.pt ('sconce show clip' says where they are)");
        var labels = Labels(request.Require("labels", "what the pictures may show, such as --labels \"a kangaroo,a dog\""));
        var templates = Templates(request.Options.GetValueOrDefault("templates"));
        string vocabulary = Vocabulary(request.Options.GetValueOrDefault("vocabulary"), weights);
        if (request.Inputs.Count == 0) throw new UsageException("no picture was named: --image photo.jpg");
        var wanted = request.Variant is { } name ? ClipVariants.Find(name) ?? throw new UsageException($"CLIP has no model '{name}': there are {string.Join(", ", ClipVariants.All.Select(variant => variant.Name))}") : null;
        return Run(weights, wanted, request, ClipTokenizer.Load(vocabulary), labels, templates, progress, cancellation);
    }

    private static IEnumerable<PredictResult> Run(
        string weights, ClipConfig? wanted, PredictRequest request, ClipTokenizer tokenizer, IReadOnlyList<string> labels, IReadOnlyList<string>? templates, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new WorkProgress("loading", 0, 1, Path.GetFileName(weights)));
        using var model = ClipModel.Load(weights, wanted);
        using var classifier = ZeroShotClassifier.Create(model, tokenizer, labels, templates, progress, cancellation);
        int done = 0;
        foreach (string input in request.Inputs)
        {
            cancellation.ThrowIfCancellationRequested();
            var answers = classifier.Classify(Image.Load(input));
            progress?.Report(new WorkProgress("pictures", ++done, request.Inputs.Count, Path.GetFileName(input)));
            yield return new PredictResult(input, [.. answers.Select(answer => new Prediction(answer.Label, answer.Probability))]);
        }
    }

    private static IReadOnlyList<string> Labels(string option)
    {
        string[] labels = [.. (File.Exists(option) ? File.ReadLines(option) : option.Split(',')).Select(label => label.Trim()).Where(label => label.Length > 0)];
        return labels.Length > 0 ? labels : throw new UsageException("--labels holds no label: write them with commas between, such as --labels \"a kangaroo,a dog\"");
    }

    private static IReadOnlyList<string>? Templates(string? option) => option switch
    {
        null or "" => null,
        "imagenet" => PromptTemplates.ImageNet,
        "imagenet-short" => PromptTemplates.ImageNetShort,
        _ when File.Exists(option) => PromptTemplates.Read(option),
        _ => throw new UsageException($"--templates {option}: neither imagenet nor imagenet-short nor a file that is there"),
    };

    /// <summary>The vocabulary that was named, or the one that lies beside the weights.</summary>
    private static string Vocabulary(string? option, string weights)
    {
        if (!string.IsNullOrEmpty(option)) return option;
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(weights))!, VocabularyFileName);
        return File.Exists(beside)
            ? beside
            : throw new UsageException($"--vocabulary is missing: the path of {VocabularyFileName}, which the CLIP repository has in its folder clip (or put it beside the weights)");
    }
}
