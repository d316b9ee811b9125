namespace Sconce.Networks;

/// <summary>What a caller may change about a variant when building it; null keeps the official value.</summary>
/// <param name="Classes">Outputs of the classifier; 0 for features without one.</param>
/// <param name="ImageSize">The side of the pictures, in pixels.</param>
/// <param name="Dropout">The rate of dropout before the classifier.</param>
/// <param name="DropPath">The rate of stochastic depth.</param>
public sealed record ModelOptions(int? Classes = null, int? ImageSize = null, double? Dropout = null, double? DropPath = null)
{
    /// <summary>Everything official.</summary>
    public static ModelOptions Official { get; } = new();
}
