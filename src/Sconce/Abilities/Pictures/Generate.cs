namespace Sconce.Abilities;

/// <summary>How many pictures are painted, and which.</summary>
[Settings]
public sealed partial record GenerateSettings
{
    /// <summary>How many pictures.</summary>
    [Within(1, 1_000_000)]
    public int Count { get; init; } = 16;

    /// <summary>Equal seeds give equal pictures, the first ones too where more are asked for.</summary>
    public ulong Seed { get; init; }

    /// <summary>Pictures that are painted together.</summary>
    [Within(1, 1024)]
    public int Batch { get; init; } = 8;
}

/// <summary>New pictures from random numbers.</summary>
public sealed class Generate : Ability<Nothing, MadePictures, GenerateSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Generate;

    /// <inheritdoc/>
    public override string Purpose => "nothing in; out, new pictures like those that the network learned, one by one and on one sheet";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("--weights g.pth --count 16 --seed 1 --out grid.png", "grid.png with all, and grid-01.png …")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Find<ImageGenerator>() is { HasStyles: false };

    /// <inheritdoc/>
    public override Session<Nothing, MadePictures, GenerateSettings> Open(OpenRequest request) => new GenerateSession(request);
}
