using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>A whole set of annotated pictures in painters' styles, to train a detector with: the boxes stay right. 2102.06529 §3.</summary>
public sealed class StylizeSet : Ability<AnnotatedPictures, MadeFolder, StylizeSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Stylize;

    /// <inheritdoc/>
    public override string Purpose =>
        "a folder of pictures with boxes in (COCO's layout or Pascal VOC's); out, the same folder in the styles of paintings, with its "
        + "boxes";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("--data coco/ --styles art/ --out stylecoco/ --weights adain.safetensors", "what a detector for paintings is trained with")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<StyleTransferNetwork>();

    /// <inheritdoc/>
    public override Session<AnnotatedPictures, MadeFolder, StylizeSettings> Open(OpenRequest request) => new StylizeSetSession(request);
}

/// <summary>The network with its weights, asked about folders.</summary>
internal sealed class StylizeSetSession(OpenRequest request) : Session<AnnotatedPictures, MadeFolder, StylizeSettings>
{
    private readonly StylePainter painter = new(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<MadeFolder> Answer(
        IReadOnlyList<AnnotatedPictures> inputs, StylizeSettings settings, IProgress<WorkProgress>? progress,
            CancellationToken cancellation) =>
        [.. inputs.Select(input => new MadeFolder(Files(input, settings, progress, cancellation)))];

    /// <inheritdoc/>
    protected override void Free() => painter.Dispose();

    /// <summary>Annotations and all else as they are; then every annotated picture, in its own place and size.</summary>
    private IEnumerable<(string Path, Action<string> Write)> Files(
        AnnotatedPictures input, StylizeSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var pictures = input.Open();
        var styles = new DrawnStyles(settings);
        string folder = Path.GetFullPath(input.Folder);
        string[] names = [.. Enumerable.Range(0, pictures.Count).Select(k => Path.GetFullPath(pictures.NameOf(k)))];
        string[] within = [.. names.Select(name => Within(folder, name))];
        var known = names.ToHashSet(StringComparer.Ordinal);
        foreach (string file in FileWalk.All(folder).Where(file => !known.Contains(Path.GetFullPath(file))))
        {
            yield return (Path.GetRelativePath(folder, file), place => File.Copy(file, Elsewhere(place, file), overwrite: true));
        }

        for (int k = 0; k < pictures.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            // As it is annotated: of a picture that its file turns, that may be as it is stored.
            var painted = painter.Paint(pictures[k].Image.To8Bit().ToRgb(Rgb.White), styles.Of(names[k]), settings);
            string source = names[k];
            yield return (within[k], place => painted.Save(Elsewhere(place, source)));
            progress?.Report(new WorkProgress("stylizing", k + 1, pictures.Count, within[k]));
        }
    }

    private static string Within(string folder, string file)
    {
        string relative = Path.GetRelativePath(folder, file);
        return relative.StartsWith("..", StringComparison.Ordinal)
            ? throw new DataException(file, $"this annotated picture lies outside {folder}: the copy would have no place for it")
            : relative;
    }

    private static string Elsewhere(string place, string source) => Path.GetFullPath(place) == Path.GetFullPath(source)
        ? throw new UsageException($"{source} would be written over: name another folder for the stylised pictures")
        : place;
}
