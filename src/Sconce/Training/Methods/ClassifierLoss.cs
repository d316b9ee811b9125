using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>An objective of a classifier's run whose loss is a function of logits and batch, such as distillation. It frees what it was given to own.</summary>
/// <param name="run">Whose network learns.</param>
/// <param name="loss">Of the network's logits <c>(N, classes)</c>, the pictures where the network is, and the batch; <c>-> ()</c>.</param>
/// <param name="owned">Freed with the run; null for nothing.</param>
public sealed class ClassifierLoss(ClassifierRun run, Func<Tensor, Tensor, ImageBatch, Tensor> loss, IDisposable? owned = null) : Objective<ImageBatch>, IDisposable
{
    private readonly ClassifierObjective plain = new(run.Network, run.Data.Classes.Count, run.Configuration.LabelSmoothing, run.Device);

    /// <inheritdoc/>
    public override Module Network => run.Network;

    /// <inheritdoc/>
    public override Tensor Loss(ImageBatch batch)
    {
        using var scope = new TensorScope();
        var pictures = batch.Images.To(run.Device);
        return scope.Keep(loss(run.Network.Call(pictures).Float(), pictures, batch));
    }

    /// <inheritdoc/>
    public override int Count(ImageBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ImageBatch batch) => plain.Describe(batch);

    /// <inheritdoc/>
    public override string? Fault(ImageBatch batch) => plain.Fault(batch);

    /// <inheritdoc/>
    public void Dispose() => owned?.Dispose();
}
