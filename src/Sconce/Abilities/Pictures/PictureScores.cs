using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Abilities;

/// <summary>A detector whose scores can be followed back to the picture.</summary>
/// <param name="Side">The side of square pictures that it is asked about so, in pixels.</param>
/// <param name="Of">
/// The network and pictures <c>(N, 3, H, W)</c> in [0, 1] to scores of every place and class, <c>(N, places, classes)</c>, in the scope
/// around and on its tape.
/// </param>
public sealed record PictureScores(int Side, Func<Module, Tensor, Tensor> Of) : Capability;
