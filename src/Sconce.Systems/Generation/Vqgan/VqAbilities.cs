using Sconce.Abilities;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>A picture through the codes and back.</summary>
public sealed class VqReconstruct : Ability<Picture, ReconstructedPicture, VqReconstructSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Reconstruct;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, each as its codes keep it, and how many codes that are";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("photo.jpg --weights last.ckpt --size 384 --out seen.png", "seen at 384 pixels")];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<PictureCodec>();

    /// <inheritdoc/>
    public override Session<Picture, ReconstructedPicture, VqReconstructSettings> Open(OpenRequest request) =>
        new VqReconstructSession(request);
}

/// <summary>New pictures, code by code.</summary>
public sealed class VqGenerate : Ability<Nothing, MadePictures, VqGenerateSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Generate;

    /// <inheritdoc/>
    public override string Purpose => "nothing in, or what to show by its settings; out, new pictures, also larger ones than were learned";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("--weights last.ckpt --class 207 --top-k 600 --top-p 0.92 --out grid.png", "of one class; grid.png with all, and grid-01.png …"),
        ("--weights last.ckpt --count 4 --size 512x256 --out wide.png", "wider than it learned, through a sliding window"),
    ];

    /// <inheritdoc/>
    public override bool MakesAnySize => true;

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<CodeGenerator>();

    /// <inheritdoc/>
    public override Session<Nothing, MadePictures, VqGenerateSettings> Open(OpenRequest request) => new VqGenerateSession(request);
}

/// <summary>The rest of a picture of which a part is given.</summary>
public sealed class VqComplete : Ability<Picture, MadePictures, VqCompleteSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Complete;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, its kept part as codes keep it, with the rest made anew";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("photo.jpg --weights last.ckpt --keep top --count 4 --out whole.png", "four lower halves for the upper one"),
        ("photo.jpg --weights last.ckpt --keep mask.png --out whole.png", "what is black in the mask is made anew"),
    ];

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<CodeGenerator>();

    /// <inheritdoc/>
    public override Session<Picture, MadePictures, VqCompleteSettings> Open(OpenRequest request) => new VqCompleteSession(request);
}
