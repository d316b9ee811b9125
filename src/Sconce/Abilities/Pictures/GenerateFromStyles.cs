namespace Sconce.Abilities;

/// <summary>How pictures are painted by a network with styles.</summary>
[Settings]
public sealed partial record StyleGenerateSettings
{
    /// <summary>How many pictures, and which.</summary>
    public GenerateSettings Drawing { get; init; } = new();

    /// <summary>How far styles lie from their mean: 1 as they were learned; less for fewer faults and variety; 0 is the mean.</summary>
    [Within(0, 2)]
    public double Truncation { get; init; } = 1;

    /// <summary>The layer, from 1, from which on a second style is taken: coarse features of one, fine ones of another.</summary>
    [Within(1, 64)]
    public int? MixFrom { get; init; }

    /// <summary>A clip to write (.mp4, .webm, .gif): a walk from each picture to the next, and from the last to the first.</summary>
    [FilePath]
    public string? Walk { get; init; }

    /// <summary>Frames of such a walk from one picture to the next; 24 are a second.</summary>
    [Within(1, 10_000)]
    public int WalkFrames { get; init; } = 48;

    /// <summary>How a given picture's own styles are sought.</summary>
    public ProjectSettings Projection { get; init; } = new();
}

/// <summary>How the styles are sought that paint a given picture.</summary>
[Settings]
public sealed partial record ProjectSettings
{
    /// <summary>A picture to seek the styles of, in place of new ones: the middle of it, at the network's own size.</summary>
    [FilePath]
    public string? Project { get; init; }

    /// <summary>Steps of the search.</summary>
    [Within(1, 100_000)]
    public int ProjectSteps { get; init; } = 300;

    /// <summary>Searches: the first from the mean style, the others from drawn ones; the nearest is kept.</summary>
    [Within(1, 64)]
    public int ProjectStarts { get; init; } = 2;
}

/// <summary>Pictures that a network with styles painted.</summary>
/// <param name="Pictures">New ones; of a projection the given picture, and the one that was found.</param>
public sealed record GeneratedPictures(MadePictures Pictures) : IAnswer
{
    /// <summary>The styles that were found, a row a layer; null without a projection.</summary>
    public MadeTable? Styles { get; init; }

    /// <summary>What is left of the difference; null without a projection.</summary>
    public Rows? Error { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts =>
        Styles is null || Error is null ? [("", Pictures)] : [("", Pictures), ("styles", Styles), ("error", Error)];
}

/// <summary>New pictures from random numbers that become styles.</summary>
public sealed class GenerateFromStyles : Ability<Nothing, GeneratedPictures, StyleGenerateSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Generate;

    /// <inheritdoc/>
    public override string Purpose =>
        "nothing in; out, new pictures like those that the network learned, a walk from one to the next, or a given picture's own styles";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [
            ("--weights g.pt --truncation 0.7 --seed 1 --out grid.png", "fewer faults, less variety"),
            ("--weights g.pt --count 8 --walk walk.mp4", "a clip from picture to picture"),
            ("--weights g.pt --project photo.jpg --out found.png", "the picture it can paint that is nearest, and its styles"),
        ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Find<ImageGenerator>() is { HasStyles: true };

    /// <inheritdoc/>
    public override Session<Nothing, GeneratedPictures, StyleGenerateSettings> Open(OpenRequest request) =>
        new StyleGenerateSession(request);
}
