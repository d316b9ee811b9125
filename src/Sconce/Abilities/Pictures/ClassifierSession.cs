using System.Globalization;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>A classifier of pictures with its weights. Several threads may ask it.</summary>
public sealed class ClassifierSession : Session<Picture, Labels, ClassifySettings>
{
    private const int TogetherCompiled = 8;
    private readonly PictureNetwork network;

    /// <summary>Loads it.</summary>
    /// <exception cref="UsageException">The network classifies no pictures, or no weights were named.</exception>
    public ClassifierSession(OpenRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var classifier = request.Get<ImageClassifier>();
        var module = request.Network<Module<Tensor, Tensor>>();
        network = new PictureNetwork(request, classifier.Preprocessing, module);
        Classes = request.Classes ?? Named(request.Outputs);
    }

    /// <summary>The classes' names, in the order of the network's outputs.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    public override int BatchSize => TogetherCompiled;

    /// <summary>The classes that a picture shows, likeliest first.</summary>
    /// <param name="picture">A file or an image.</param>
    /// <param name="top">How many are told.</param>
    public Labels Classify(Picture picture, int top = 5) => Ask(picture, new ClassifySettings { Top = top });

    /// <inheritdoc/>
    protected override IReadOnlyList<Labels> Answer(
        IReadOnlyList<Picture> inputs, ClassifySettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        network.Ask(inputs, output => settings.Abstention.Mark(Told(output, Names(settings), settings.Top)), cancellation);

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private IReadOnlyList<string> Names(ClassifySettings settings)
    {
        if (settings.Labels is not { } asked) return Classes;
        if (asked.Names.Count == Classes.Count) return asked.Names;
        throw new SettingsException("labels", called => $"{called} names {asked.Names.Count} classes, but the network has {Classes.Count}");
    }

    private static Labels Told(Tensor logits, IReadOnlyList<string> names, int top)
    {
        double[] probabilities = logits.To(DType.Float64).Softmax(-1).ToArray<double>();
        return new Labels([.. probabilities.Select((p, k) => new Label(names[k], p))
            .OrderByDescending(label => label.Confidence).Take(top)]);
    }

    private static IReadOnlyList<string> Named(int classes) => classes == ImageNetClasses.Names.Count
        ? ImageNetClasses.Names
        : [.. Enumerable.Range(0, classes).Select(k => string.Create(CultureInfo.InvariantCulture, $"class {k}"))];
}
