using System.Globalization;
using Sconce.Compilation;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Catalogue;

/// <summary>What a picture shows, by any classifier of the catalogue: its likeliest classes with their probabilities.</summary>
/// <param name="system">The system whose networks classify.</param>
public sealed class ClassifierPredictor(NewsletterSystem system) : Predictor
{
    private const int WorthCompiling = 4, DefaultAnswers = 5;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, its likeliest classes with their probabilities";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Help)> Options =>
    [
        ("labels", "a text file with the names of the classes, one a line, when the weights are not ImageNet's; as many classes are built"),
        ("top", $"how many answers a picture ({DefaultAnswers})"),
    ];

    /// <summary>The networks that classify pictures.</summary>
    public static IEnumerable<ModelVariant> Classifiers(NewsletterSystem system) => system.Variants.Where(variant => variant.Classes > 0 && variant.Preprocessing is not null);

    /// <inheritdoc/>
    public override IEnumerable<PredictResult> Predict(PredictRequest request, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var variant = Classifiers(system).FirstOrDefault(known => request.Variant is null || known.Name == request.Variant)
            ?? throw new UsageException($"{request.Variant} classifies no pictures; of {system.Card.Name}, these do: {string.Join(", ", Classifiers(system).Select(known => known.Name))}");
        string weights = request.Weights ?? throw new UsageException($"--weights is missing: the checkpoint of {variant.Name} ('sconce show {system.Card.Name}' says where the official ones are)");
        if (request.Inputs.Count == 0) throw new UsageException("no picture was named: --image photo.jpg");
        var labels = Labels(request.Options.GetValueOrDefault("labels"), variant);
        return Run(variant, weights, labels, Answers(request.Options.GetValueOrDefault("top"), labels.Count), request.Inputs, progress, cancellation);
    }

    private static IEnumerable<PredictResult> Run(
        ModelVariant variant, string weights, IReadOnlyList<string> labels, int answers, IReadOnlyList<string> inputs, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new WorkProgress("loading", 0, 1, Path.GetFileName(weights)));
        using var network = variant.CreateTrained<Module<Tensor, Tensor>>(weights, new ModelOptions(Classes: labels.Count));
        using var compiled = inputs.Count >= WorthCompiling ? Compile(network, variant) : null;
        int done = 0;
        foreach (string input in inputs)
        {
            cancellation.ThrowIfCancellationRequested();
            var probabilities = Probabilities(network, compiled, variant, Image.Load(input));
            progress?.Report(new WorkProgress("pictures", ++done, inputs.Count, Path.GetFileName(input)));
            yield return new PredictResult(input, [.. probabilities.Select((p, k) => new Prediction(labels[k], p)).OrderByDescending(answer => answer.Confidence).Take(answers)]);
        }
    }

    private static CompiledModule Compile(Module<Tensor, Tensor> network, ModelVariant variant)
    {
        using var scope = new TensorScope();
        return network.Compile(Tensor.Zeros([1, 3, variant.Preprocessing!.Size, variant.Preprocessing.Size]));
    }

    private static double[] Probabilities(Module<Tensor, Tensor> network, CompiledModule? compiled, ModelVariant variant, Image picture)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var x = variant.Preprocessing!.Apply(picture).Unsqueeze(0);
        var logits = compiled is null ? network.Call(x) : compiled.Call(x);
        return logits[0].To(DType.Float64).Softmax(-1).ToArray<double>();
    }

    private static IReadOnlyList<string> Labels(string? file, ModelVariant variant)
    {
        if (file is not null) return LabelFile.Read(file);
        return variant.Classes == ImageNetClasses.Names.Count
            ? ImageNetClasses.Names
            : [.. Enumerable.Range(0, variant.Classes).Select(k => string.Create(CultureInfo.InvariantCulture, $"class {k}"))];
    }

    private static int Answers(string? top, int classes)
    {
        if (top is null) return Math.Min(DefaultAnswers, classes);
        return int.TryParse(top, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 ? Math.Min(count, classes) : throw new UsageException($"--top takes a whole number from 1 on, not '{top}'");
    }
}
