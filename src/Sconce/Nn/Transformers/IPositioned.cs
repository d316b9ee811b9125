using Sconce.Torch;

namespace Sconce.Nn.Transformers;

/// <summary>A module that owns a table of learned positions, a row each place of a grid: weights that were made for pictures of another
/// size are resampled to its own when they are loaded.</summary>
public interface IPositioned
{
    /// <summary>The table of a checkpoint at this module's size.</summary>
    /// <param name="key">Which of the module's own members.</param>
    /// <param name="found">The checkpoint's, of another shape.</param>
    /// <returns>Of the member's shape; null where the key is no table of positions, or the checkpoint's is none of a grid of this
    /// width.</returns>
    Tensor? Resample(string key, Tensor found);
}
