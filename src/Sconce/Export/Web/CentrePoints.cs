namespace Sconce.Export.Web;

/// <summary>
/// How a browser asks a detector of objects as points (1904.07850): pictures are stretched to a square by antialiased bilinear and
/// normalised; the exported function gives <c>heatmap (N, C, h, w)</c> as chances, <c>size</c> and <c>offset (N, 2, h, w)</c> in cells.
/// </summary>
/// <param name="Side">Of the square in pixels.</param>
/// <param name="Means">Subtracted from each colour of [0, 1].</param>
/// <param name="Deviations">What each colour is then divided by.</param>
/// <param name="Stride">Pixels a cell.</param>
/// <param name="Most">The surest peaks that are looked at.</param>
/// <param name="Threshold">Below which nothing is told until a person asks otherwise.</param>
public sealed record CentrePoints(
    int Side, IReadOnlyList<float> Means, IReadOnlyList<float> Deviations, int Stride, int Most, double Threshold);
