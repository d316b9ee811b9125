using Sconce.Catalogue;

namespace Sconce.Cli.Output;

/// <summary>The answers about one input, in <c>predict --json</c>.</summary>
internal sealed record PredictionJson(string Input, IReadOnlyList<Prediction> Predictions, string? Output);
