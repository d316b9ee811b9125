using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Training;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>How a classifier is made smaller.</summary>
[Settings]
public sealed partial record CompressSettings
{
    /// <summary>Weights and activations as whole numbers of 8 bits.</summary>
    public bool Int8 { get; init; }

    /// <summary>The share of each layer's weights, the smallest, that become 0.</summary>
    [Within(0, 1, Above = true, Below = true)]
    public double? Prune { get; init; }

    /// <summary>Two factors of this rank in place of each layer that has more numbers than they.</summary>
    [Within(1)]
    public int? Rank { get; init; }

    /// <summary>Learn from the network as it was, beside the labels.</summary>
    public bool Distil { get; init; }

    /// <summary>Steps of learning on after pruning, factoring or for distilling; 0 for none.</summary>
    [Within(0)]
    public int Tune { get; init; } = 300;

    /// <summary>Pictures a batch.</summary>
    [Within(1)]
    public int Batch { get; init; } = 32;
}

/// <summary>A smaller network.</summary>
/// <param name="Stages">A row a stage: accuracy, loss, numbers, size, time.</param>
/// <param name="Onnx">The network for other runtimes.</param>
public sealed record CompressAnswer(Rows Stages, MadeFile Onnx) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("stages", Stages), ("network", Onnx)];
}

/// <summary>Makes a run's classifier smaller, and measures on the run's own pictures what that costs.</summary>
public sealed class CompressRun : Ability<Nothing, CompressAnswer, CompressSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Compress;

    /// <inheritdoc/>
    public override string Purpose => "a classifier in; out, a smaller one as ONNX, with size, accuracy and time before and after";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("run1 --int8 --out small.onnx", "a quarter of the size, in 8 bits"),
        ("run1 --int8 --prune 0.7 --distil --out small.onnx", "fewer weights too, taught by the network as it was"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<ImageClassifier>();

    /// <inheritdoc/>
    public override Session<Nothing, CompressAnswer, CompressSettings> Open(OpenRequest request) => new CompressRunSession(request);
}

/// <summary>Makes any classifier smaller, with a person's pictures.</summary>
public sealed class CompressWithPictures : Ability<PictureSet, CompressAnswer, CompressSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Compress;

    /// <inheritdoc/>
    public override string Purpose => "a classifier and pictures by folder of their class in; out, a smaller one, measured on half of them";

    /// <inheritdoc/>
    public override bool TakesAllTogether => true;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("resnet18 --data photos/ --rank 8 --int8 --out small.onnx", "a network of the catalogue, on pictures by folder of their class")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<ImageClassifier>();

    /// <inheritdoc/>
    public override Session<PictureSet, CompressAnswer, CompressSettings> Open(OpenRequest request) => new CompressPicturesSession(request);
}

/// <summary>A run with its own pictures.</summary>
internal sealed class CompressRunSession(OpenRequest request) : Session<Nothing, CompressAnswer, CompressSettings>
{
    /// <inheritdoc/>
    protected override IReadOnlyList<CompressAnswer> Answer(
        IReadOnlyList<Nothing> inputs, CompressSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if ((request as CatalogueRequest)?.Run is not { Configuration: { } configuration } run)
            throw new UsageException($"{request.Name} is no run, so it has no pictures of its own to be measured on: name some");
        var images = LabelledImages.Open(
            configuration.Data, configuration.Classes, configuration.Run.Validation, configuration.Run.Seed, run.Kept,
            Decisions.Of(configuration));
        return [new CompressionWork(request, settings).Run(images.Train, images.Test, images.Classes, progress, cancellation)];
    }
}

/// <summary>A classifier with a person's pictures: every second one of a class teaches, the others are asked about.</summary>
internal sealed class CompressPicturesSession(OpenRequest request) : Session<PictureSet, CompressAnswer, CompressSettings>
{
    /// <inheritdoc/>
    protected override IReadOnlyList<CompressAnswer> Answer(
        IReadOnlyList<PictureSet> inputs, CompressSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Compressed(input, settings, progress, cancellation))];

    private CompressAnswer Compressed(
        PictureSet set, CompressSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var classes = request.Classes ?? (request.Outputs == ImageNetClasses.Names.Count ? ImageNetClasses.Names : []);
        var labels = set.Labels(classes);
        var known = Enumerable.Range(0, labels.Count).Where(k => labels[k] is not null)
            .Select(k => new ImageExample(set.Pictures[k].Image) { Label = labels[k], Name = set.Pictures[k].Name }).ToList();
        if (known.Count < 4)
        {
            throw new UsageException(
                $"{known.Count} of {labels.Count} pictures lie in a folder of a class's name, and four at least are wanted; the classes "
                + $"are {string.Join(", ", classes.Take(6))}{(classes.Count > 6 ? " …" : "")}");
        }

        var (first, second) = Datasets.SplitByLabel([.. known.Select(example => example.Label!.Value)], 0.5, 0);
        var all = Datasets.InMemory<ImageExample>(known);
        return new CompressionWork(request, settings).Run(all.Subset(first), all.Subset(second), classes, progress, cancellation);
    }
}
