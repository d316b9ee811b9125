using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>A classifier of pictures that learns its labels, or by another loss of its logits, such as distillation.</summary>
/// <param name="network"><c>(N, 3, H, W) -> (N, classes)</c></param>
/// <param name="player">Who learns.</param>
/// <param name="labels">The plain loss.</param>
/// <param name="device">Where the network is.</param>
public sealed class ClassifierProgram(Module<Tensor, Tensor> network, Player player, LabelLoss labels, Device? device = null)
    : LossProgram<ImageBatch>(player), IDisposable
{
    private readonly Device place = device ?? Device.Cpu;

    /// <summary>
    /// Another loss than that of the labels: of logits <c>(N, classes)</c>, the pictures where the network is, and the batch; <c>-> ()</c>.
    /// Null for the plain one.
    /// </summary>
    public Func<Tensor, Tensor, ImageBatch, Tensor>? OtherLoss { get; init; }

    /// <summary>What the other loss needs, freed with the program; null for nothing.</summary>
    public IDisposable? Owned { get; init; }

    /// <inheritdoc/>
    public override Module Product => network;

    /// <inheritdoc/>
    public override Tensor Loss(ImageBatch batch)
    {
        using var scope = new TensorScope();
        var pictures = batch.Images.To(place);
        var logits = network.Call(pictures).Float();
        return scope.Keep(OtherLoss is { } other ? other(logits, pictures, batch) : labels.Of(logits, batch));
    }

    /// <inheritdoc/>
    public override int Count(ImageBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ImageBatch batch) => BatchFaults.First(batch.Names);

    /// <inheritdoc/>
    public override string? Fault(ImageBatch batch) => BatchFaults.Of(batch);

    /// <inheritdoc/>
    public void Dispose() => Owned?.Dispose();
}
