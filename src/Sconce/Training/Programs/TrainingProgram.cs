using Sconce.Nn;
using Sconce.Weights;

namespace Sconce.Training;

/// <summary>
/// What one step of training is: who learns, what is saved, and the updates of a batch. A <see cref="Trainer{TBatch}"/> does all else:
/// order of data, rates, averages, evaluation, checkpoints, resuming, logs, samples.
/// </summary>
/// <typeparam name="TBatch">What the source of batches gives.</typeparam>
public abstract class TrainingProgram<TBatch> : ISavedState
{
    /// <summary>Who learns: one at least. The first one's loss and rate are those that progress shows.</summary>
    public abstract IReadOnlyList<Player> Players { get; }

    /// <summary>
    /// The modules whose state is saved, each with the prefix of its keys; networks, momentum encoders, queues. By default the players'
    /// networks: one player's under their own keys, those of several under the players' names.
    /// </summary>
    public virtual IReadOnlyList<(string Name, Module Module)> Modules =>
        Players.Count == 1 ? [("", Players[0].Network)]
        : [.. Players.DistinctBy(player => player.Network).Select(player => (player.Name, player.Network))];

    /// <summary>
    /// What is used afterwards, and what <c>best.ckpt</c> holds: a network without its projector, queue or teacher; a generator. By default
    /// the first module.
    /// </summary>
    public virtual Module Product => Modules[0].Module;

    /// <summary>
    /// The stage of a run of several, after so many epochs, from 1. The best weights are those of its last stage: when one begins, those of
    /// the stage before are no longer compared. By default a run has one.
    /// </summary>
    public virtual int StageOf(int epochs) => 0;

    /// <summary>What progress counts: images, by default.</summary>
    public virtual string Items => "images";

    /// <summary>How many examples a batch holds, for the rate.</summary>
    public virtual int Count(TBatch batch) => 1;

    /// <summary>What errors call a batch: its first items.</summary>
    public virtual string Describe(TBatch batch) => "";

    /// <summary>Asked when a loss is no number: what is wrong with the data, or null where all of them are finite.</summary>
    public virtual string? Fault(TBatch batch) => null;

    /// <summary>Saves what the program keeps beside its modules: a probability that adapts, means of rewards. By default nothing.</summary>
    /// <param name="state">Empty.</param>
    public virtual void Save(SavedState state)
    {
    }

    /// <summary>Takes over what <see cref="Save"/> wrote.</summary>
    /// <param name="state">As it was saved; empty where a run was begun before its program kept anything.</param>
    public virtual void Load(SavedState state)
    {
    }

    /// <summary>
    /// The updates of one batch. Random numbers come from libtorch's own generators, whose states are in the checkpoint. Tensors that are
    /// made live until the batch is over.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="step">Makes the players' steps.</param>
    protected internal abstract void Step(TBatch batch, TrainingStep step);

    /// <summary>
    /// Runs the networks on a batch as in training, without learning: batch norms gather their statistics of averaged weights so. By
    /// default <see cref="Step"/> with updates that only look at their losses.
    /// </summary>
    protected internal virtual void Forward(TBatch batch)
    {
        var step = new TrainingStep(PlayerState.ForLooking(Players), 1) { IsDry = true };
        step.NextBatch(what => new TrainingException(what));
        Step(batch, step);
    }

    /// <summary>After each step, outside the tape: where a momentum encoder follows, or a probability adapts.</summary>
    /// <param name="step">Steps done, from 1.</param>
    protected internal virtual void Stepped(long step)
    {
    }

    /// <summary>
    /// After an epoch's steps, before its evaluation and checkpoint. What it changes of the program's state is in the checkpoint. Where it
    /// is cancelled it is asked again when the run goes on, so it must not have changed anything by then.
    /// </summary>
    protected internal virtual void EpochEnded(EpochEnd epoch)
    {
    }

    /// <summary>
    /// Leaves samples of an epoch in the run's folder: a grid, a clip, a table. Asked in evaluation mode, outside the tape, with the
    /// averaged weights; the random numbers that it draws do not change the run.
    /// </summary>
    /// <param name="samples">Names the files, and gives latents that are the same at each epoch.</param>
    protected internal virtual void WriteSamples(SampleFolder samples)
    {
    }
}

/// <summary>The end of an epoch.</summary>
/// <param name="Done">Epochs done.</param>
/// <param name="Averaged">
/// Puts the averaged weights into the networks until the result is disposed; does nothing where there are none. No state may be changed
/// while they are in.
/// </param>
/// <param name="Cancellation">Ends a long pass.</param>
public sealed record EpochEnd(int Done, Func<IDisposable> Averaged, CancellationToken Cancellation);
