using Sconce.Abilities;
using Sconce.Sampling;
using Sconce.Systems.Multimodal.Clip;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>Pictures of a caption.</summary>
/// <param name="Pictures">The best first, where they were ranked.</param>
/// <param name="Scores">Which of the candidates each is, and how well it fits; null where they were not ranked.</param>
/// <param name="Unknown">Words that no caption of the training had; null for none.</param>
public sealed record CaptionPictures(MadePictures Pictures, Rows? Scores, Rows? Unknown) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts =>
    [
        ("", Pictures),
        .. Scores is { } scores ? [("scores", scores)] : Array.Empty<(string, Answer)>(),
        .. Unknown is { } unknown ? [("unknown", unknown)] : Array.Empty<(string, Answer)>(),
    ];
}

/// <summary>How a caption is painted.</summary>
[Settings]
public sealed partial record DalleGenerateSettings
{
    /// <summary>How many pictures, and which.</summary>
    public GenerateSettings Drawing { get; init; } = new();

    /// <summary>How each code is drawn.</summary>
    public SamplingSettings Sampling { get; init; } = new();

    /// <summary>A checkpoint of CLIP, by which candidates are ranked: those that fit the caption best are kept, best first.</summary>
    [FilePath]
    public string? Rerank { get; init; }

    /// <summary>How many candidates are drawn to be ranked; four times as many as are kept where left out.</summary>
    [Within(1, 4096)]
    [LeftOpen]
    public int? Candidates { get; init; }

    /// <summary>How CLIP's sentences become tokens.</summary>
    public ClipVocabulary Tokens { get; init; } = new();
}

/// <summary>How the rest of a picture is painted.</summary>
[Settings]
public sealed partial record DalleCompleteSettings
{
    /// <summary>Which part is given: top, left, or where a mask is white.</summary>
    public KeptRegion Keep { get; init; } = KeptRegion.Top;

    /// <summary>How much of the picture an upper or left part is.</summary>
    [Within(0, 1, Below = true)]
    public double Share { get; init; } = 0.5;

    /// <summary>How many answers.</summary>
    [Within(1, 1024)]
    public int Count { get; init; } = 1;

    /// <summary>Equal seeds give equal answers.</summary>
    public ulong Seed { get; init; }

    /// <summary>How each code is drawn.</summary>
    public SamplingSettings Sampling { get; init; } = new();
}

/// <summary>How a picture goes through the codes.</summary>
[Settings]
public sealed partial record DalleReconstructSettings
{
    /// <summary>Only the square in the middle, as in training; otherwise all but what is less than a code at the edges.</summary>
    public bool Square { get; init; }
}

/// <summary>New pictures of what words say.</summary>
public sealed class DalleGenerate : Ability<Words, CaptionPictures, DalleGenerateSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Generate;

    /// <inheritdoc/>
    public override string Purpose => "captions in; out, for each, new pictures of it, the best of many where a CLIP ranks them";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("\"a red square above a blue circle\" --weights best.ckpt --count 8 --out grid.png", "eight pictures of a caption"),
        ("\"a red square\" --weights best.ckpt --count 4 --candidates 64 --rerank ViT-B-32.pt", "the four of 64 that fit best"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<CaptionPainter>();

    /// <inheritdoc/>
    public override Session<Words, CaptionPictures, DalleGenerateSettings> Open(OpenRequest request) => new DalleGenerateSession(request);
}

/// <summary>The rest of a picture of which a part is given, by what words say.</summary>
public sealed class DalleComplete : Ability<CaptionedPicture, MadePictures, DalleCompleteSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Complete;

    /// <inheritdoc/>
    public override bool TakesWordsToo => true;

    /// <inheritdoc/>
    public override string Purpose => "pictures and a caption in; out, for each, its kept part as codes keep it, with the rest made anew";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("photo.jpg \"a red square\" --weights best.ckpt --keep top --count 4 --out whole.png", "four lower halves for the upper one")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<CaptionPainter>();

    /// <inheritdoc/>
    public override Session<CaptionedPicture, MadePictures, DalleCompleteSettings> Open(OpenRequest request) =>
        new DalleCompleteSession(request);
}

/// <summary>A picture through the codes and back.</summary>
public sealed class DalleReconstruct : Ability<Picture, ReconstructedPicture, DalleReconstructSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Reconstruct;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, each as its codes keep it, and how many codes that are";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("photo.jpg --weights best.ckpt --out seen.png", "the picture as the transformer knows it")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<DvaePictures>();

    /// <inheritdoc/>
    public override Session<Picture, ReconstructedPicture, DalleReconstructSettings> Open(OpenRequest request) =>
        new DalleReconstructSession(request);
}
