namespace Sconce.Networks;

/// <summary>What a network costs.</summary>
/// <param name="Parameters">Trainable numbers.</param>
/// <param name="MultiplyAdds">Of one forward pass on one example (what papers print as FLOPs).</param>
/// <param name="Activations">Numbers that convolutions and matrix products give in it.</param>
public sealed record ModelCost(long Parameters, long MultiplyAdds, long Activations);
