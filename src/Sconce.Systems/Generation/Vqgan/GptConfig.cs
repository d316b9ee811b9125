namespace Sconce.Systems.Generation.Vqgan;

/// <summary>The transformer over codes.</summary>
public sealed record GptConfig
{
    /// <summary>Tokens that there are.</summary>
    public int Vocabulary { get; init; } = 1024;

    /// <summary>The longest sequence.</summary>
    public int Length { get; init; } = 512;

    /// <summary>Blocks.</summary>
    public int Layers { get; init; } = 24;

    /// <summary>Attention heads.</summary>
    public int Heads { get; init; } = 16;

    /// <summary>Numbers of a token.</summary>
    public int Width { get; init; } = 1024;

    /// <summary>How many tokens at the beginning see each other in both directions.</summary>
    public int Unmasked { get; init; }

    /// <summary>Dropout of embeddings, attention weights and branches.</summary>
    public double Dropout { get; init; }
}
