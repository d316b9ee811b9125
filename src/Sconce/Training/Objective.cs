using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>What a <see cref="Trainer{TBatch}"/> makes smaller: a network's loss on a batch. A method of its own (two views, a momentum encoder) is another of these.</summary>
/// <typeparam name="TBatch">What the loader gives.</typeparam>
public abstract class Objective<TBatch>
{
    /// <summary>Everything that is saved: networks, momentum encoders, queues, prototypes, as one module.</summary>
    public abstract Module Network { get; }

    /// <summary>What is used afterwards, and what <c>best.ckpt</c> holds: a network without its projector, queue or teacher. By default everything.</summary>
    public virtual Module Product => Network;

    /// <summary>The mean loss of a batch, a tensor without dimensions on the tape.</summary>
    public abstract Tensor Loss(TBatch batch);

    /// <summary>How many examples a batch holds, for the rate.</summary>
    public virtual int Count(TBatch batch) => 1;

    /// <summary>What errors call a batch: its first items.</summary>
    public virtual string Describe(TBatch batch) => "";

    /// <summary>Asked when a loss is no number: what is wrong with the data, or null where all of them are finite.</summary>
    public virtual string? Fault(TBatch batch) => null;

    /// <summary>After each optimiser step, outside the tape: where a momentum encoder follows.</summary>
    /// <param name="step">Steps done, from 1.</param>
    public virtual void Stepped(long step)
    {
    }
}

/// <summary>An objective whose gradients come in several passes, so that only one pass's activations are held at a time.</summary>
/// <typeparam name="TBatch">What the loader gives.</typeparam>
public interface ISeveralPasses<TBatch>
{
    /// <summary>Adds a batch's gradients to the parameters'.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="share">What its gradients are multiplied by.</param>
    /// <param name="forward">Runs a forward pass with its loss, in lower precision where the run asks for it; the gradients are taken outside.</param>
    /// <returns>The batch's loss, which is not multiplied; where it is no number, the gradients do not matter.</returns>
    double Accumulate(TBatch batch, double share, Func<Func<Tensor>, Tensor> forward);
}
