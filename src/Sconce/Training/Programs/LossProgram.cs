using Sconce.Torch;

namespace Sconce.Training;

/// <summary>A program of one player that makes one loss smaller: most methods.</summary>
/// <typeparam name="TBatch">What the source of batches gives.</typeparam>
/// <param name="player">Who learns.</param>
public abstract class LossProgram<TBatch>(Player player) : TrainingProgram<TBatch>
{
    /// <summary>Who learns.</summary>
    public Player Player => player;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<Player> Players { get; } = [player];

    /// <summary>The mean loss of a batch, a tensor without dimensions on the tape.</summary>
    public abstract Tensor Loss(TBatch batch);

    /// <inheritdoc/>
    protected internal override void Step(TBatch batch, TrainingStep step) => step.Update(player, () => Loss(batch));

    /// <inheritdoc/>
    protected internal override void Forward(TBatch batch) => Loss(batch);
}
