namespace Sconce.Systems.Generation.Dalle;

/// <summary>The transformer over text and codes.</summary>
public sealed record DalleConfig
{
    /// <summary>Blocks.</summary>
    public int Layers { get; init; } = 64;

    /// <summary>Numbers of a token.</summary>
    public int Width { get; init; } = 3968;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 62;

    /// <summary>Tokens of text, with one padding token a position among them, the last <see cref="TextLength"/>.</summary>
    public int TextVocabulary { get; init; } = 16384 + 256;

    /// <summary>Positions of text.</summary>
    public int TextLength { get; init; } = 256;

    /// <summary>Codes that there are.</summary>
    public int Codes { get; init; } = 8192;

    /// <summary>Codes of a row of the picture.</summary>
    public int Grid { get; init; } = 32;

    /// <summary>Which neighbourhood the convolutional layer has.</summary>
    public MaskKind Convolution { get; init; } = MaskKind.ConvolutionRaster;

    /// <summary>Its side.</summary>
    public int Kernel { get; init; } = 11;

    /// <summary>Whether the last layer sees columns where its number says so, as in ru-dalle, instead of always a neighbourhood.</summary>
    public bool ColumnsFirst { get; init; }

    /// <summary>Norms behind each branch too. CogView's sandwich, 2105.13290 §2.4.</summary>
    public bool Sandwich { get; init; }

    /// <summary>
    /// Scores brought near 0 before the softmax, which is the same to all digits but the last. CogView's relaxation, 2105.13290 §2.4.
    /// </summary>
    public bool Relaxed { get; init; }

    /// <summary>A norm right before the logits, as in ru-dalle.</summary>
    public bool NormOfLogits { get; init; }

    /// <summary>The share of the embeddings' gradient that is kept.</summary>
    public double EmbeddingGradient { get; init; } = 1;

    /// <summary>Codes of a picture.</summary>
    public int PictureLength => Grid * Grid;

    /// <summary>What a layer sees. 2102.12092 appendix B.1.</summary>
    internal MaskKind MaskAt(int layer)
    {
        bool isLast = layer == Layers - 1, isColumn = (layer - 1) % 4 == 0;
        if (isColumn && (ColumnsFirst || !isLast)) return MaskKind.Column;
        return isLast ? Convolution : MaskKind.Row;
    }
}
