using Sconce.Abilities;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>Which sentences pictures are compared with.</summary>
[Settings]
public sealed partial record ClipLabelSettings
{
    /// <summary>What the picture may show: "a kangaroo,a dog", or a text file with one label a line.</summary>
    [Required]
    public LabelList? Labels { get; init; }

    /// <summary>Sentences around each label: imagenet (80), imagenet-short (7), or a text file with one sentence with {} a line; none for
    /// the labels alone.</summary>
    public string? Templates { get; init; }

    /// <summary>How many labels are told, best first.</summary>
    [Within(1)]
    public int Top { get; init; } = 1000;

    /// <summary>When it abstains.</summary>
    public AbstentionSettings Abstention { get; init; } = new();

    /// <summary>How sentences become tokens.</summary>
    public ClipVocabulary Tokens { get; init; } = new();
}

/// <summary>How sentences become tokens.</summary>
[Settings]
public sealed partial record ClipVocabulary
{
    /// <summary>The tokeniser's file, bpe_simple_vocab_16e6.txt.gz of the CLIP repository; found by itself beside the weights.</summary>
    [FilePath]
    public string? Vocabulary { get; init; }
}

/// <summary>How the numbers of sentences are given.</summary>
[Settings]
public sealed partial record ClipSentenceSettings
{
    /// <summary>Whether each row is brought to length one, so that products are cosines.</summary>
    public bool Normalize { get; init; }

    /// <summary>How sentences become tokens.</summary>
    public ClipVocabulary Tokens { get; init; } = new();
}

/// <summary>Pictures against a list of sentences: which one describes each picture best.</summary>
public sealed class ClipClassify : Ability<Picture, Labels, ClipLabelSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Classify;

    /// <inheritdoc/>
    public override string Purpose =>
        "pictures in; out, for each, how well every one of your labels describes it (probabilities over the labels)";

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("photo.jpg --labels \"a kangaroo,a dog\"", "which label fits the picture")];

    /// <inheritdoc/>
    public override Session<Picture, Labels, ClipLabelSettings> Open(OpenRequest request) => new ClipClassifier(request);
}

/// <summary>Numbers that stand for a picture, in the space of the sentences.</summary>
public sealed class ClipEmbedPictures : Ability<Picture, Points, EmbedSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Embed;

    /// <inheritdoc/>
    public override string Purpose => "pictures in; out, for each, its place in the space that it shares with sentences";

    /// <inheritdoc/>
    public override Session<Picture, Points, EmbedSettings> Open(OpenRequest request) => new ClipPictureSession(request);
}

/// <summary>Numbers that stand for a sentence, in the space of the pictures.</summary>
public sealed class ClipEmbedSentences : Ability<Words, Points, ClipSentenceSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Embed;

    /// <inheritdoc/>
    public override string Purpose => "sentences in; out, for each, its place in the space that it shares with pictures";

    /// <inheritdoc/>
    public override Session<Words, Points, ClipSentenceSettings> Open(OpenRequest request) => new ClipSentenceSession(request);
}
