using Sconce.Torch;

namespace Sconce.Cli.Output;

/// <summary>A network in <c>show --json</c>, counted; the figures of a forward pass are null where the network does not say how it is run,
/// and the compiled form where it was not asked for.</summary>
internal sealed record NetworkJson(ModelJson Network, long Parameters, long StateBytes, int Batch, CostJson? Forward, string? Compiled);

/// <summary>What one forward pass costs.</summary>
internal sealed record CostJson(long MultiplyAdds, long Flops, long Activations, long PeakBytes, IReadOnlyList<OperatorCost> Operators);
