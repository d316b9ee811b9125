using System.Text;
using Sconce.Abilities;
using Sconce.Data;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>How many screens, and which.</summary>
[Settings]
public sealed partial record GenerateScreensSettings
{
    /// <summary>How many screens.</summary>
    [Within(1, 100_000)]
    public int Count { get; init; } = 8;

    /// <summary>Equal seeds give equal screens, the first ones too where more are asked for.</summary>
    public ulong Seed { get; init; }
}

/// <summary>Screens that were composed.</summary>
/// <param name="Pictures">One by one, and on one sheet.</param>
/// <param name="Trees">Their view hierarchies.</param>
/// <param name="Layout">The same as nested boxes.</param>
public sealed record GeneratedScreens(MadePictures Pictures, MadeFile Trees, Page Layout) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Pictures), ("trees", Trees), ("layout", Layout)];
}

/// <summary>New screens out of parts of real ones.</summary>
public sealed class GenerateScreens : Ability<Nothing, GeneratedScreens, GenerateScreensSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Generate;

    /// <inheritdoc/>
    public override string Purpose => "nothing in; out, new screens as pictures, as trees of widgets (JSON), and as a page of nested boxes";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("--count 8 --seed 1 --out screens/", "of a run: a sheet, a picture a screen, their trees, and a page of boxes")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<ScreenWriter>();

    /// <inheritdoc/>
    public override Session<Nothing, GeneratedScreens, GenerateScreensSettings> Open(OpenRequest request) =>
        new GenerateScreensSession(request);
}

/// <summary>Composes screens. Several threads may ask it.</summary>
public sealed class GenerateScreensSession : Session<Nothing, GeneratedScreens, GenerateScreensSettings>
{
    private readonly LoadedWriter writer;
    private readonly ScreenPainter painter;

    /// <summary>Loads the generator, and the sub-trees that its run keeps beside its weights.</summary>
    /// <exception cref="DataException">There are none, or they are damaged.</exception>
    /// <exception cref="CheckpointException">The weights are of another vocabulary.</exception>
    public GenerateScreensSession(OpenRequest request)
    {
        writer = new LoadedWriter(request.Get<ScreenWriter>(), request.Weights);
        painter = new ScreenPainter(writer.Library, writer.Pictures);
    }

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<GeneratedScreens> Answer(
        IReadOnlyList<Nothing> inputs, GenerateScreensSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        progress?.Report(new WorkProgress("writing", 0, settings.Count));
        var library = writer.Library;
        var sampled = ScreenPainter.Sample(writer.Generator, settings.Count, library.Length, settings.Seed);
        List<IReadOnlyList<int>> screens =
        [
            .. sampled.ToArray<long>().Chunk(library.Length)
                .Select(row => library.Vocabulary.Tidied([.. row.Select(token => (int)token)])),
        ];
        return [.. inputs.Select(_ => new GeneratedScreens(
            new MadePictures(screens.Select(painter.Paint)) { Count = settings.Count, HasSheet = true },
            new MadeFile(".json", Encoding.UTF8.GetBytes(painter.Trees(screens))),
            new Page(new ScreenPage(writer.Library).Html(screens))))];
    }

    /// <inheritdoc/>
    protected override void Free() => writer.Dispose();
}
