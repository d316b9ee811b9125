using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Science.HumanError;

/// <summary>Pictures and what each annotator wrote of them.</summary>
/// <param name="Pictures"><c>(N, C, H, W)</c></param>
/// <param name="Labels">Each annotator's <c>(N, H, W)</c> class numbers; null where it has none.</param>
public sealed record AnnotatedBatch(Tensor Pictures, IReadOnlyList<Tensor?> Labels) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Pictures.Dispose();
        foreach (var label in Labels) label?.Dispose();
    }
}

/// <summary>Trains a network from annotators without a clean label; for the <see cref="Trainer{TBatch}"/>.</summary>
/// <param name="network">An <see cref="AnnotatorUNet"/> or a <see cref="GlobalAnnotatorUNet"/>.</param>
/// <param name="player">Over the network.</param>
/// <param name="traceWeight">λ; begin with 0 and raise it once the annotations are explained, or classes may swap.</param>
/// <param name="device">Where the network is; the processor where left out.</param>
public class AnnotatorProgram(Module network, Player player, double traceWeight = 0.01,
    Device? device = null) : LossProgram<AnnotatedBatch>(player)
{
    private readonly IAnnotatorNetwork annotators = network as IAnnotatorNetwork
        ?? throw new ArgumentException($"{network.GetType().Name} models no annotators", nameof(network));

    private Device Place => device ?? Device.Cpu;

    /// <inheritdoc/>
    public override Module Product => network;

    /// <inheritdoc/>
    public override int Count(AnnotatedBatch batch) => (int)batch.Pictures.Size(0);

    /// <inheritdoc/>
    public override Tensor Loss(AnnotatedBatch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(NoisyLabels.Compute(annotators.Annotate(batch.Pictures.To(Place)),
            [.. batch.Labels.Select(label => label?.To(Place))], traceWeight).Total);
    }

    /// <summary>The official optimiser.</summary>
    public static AdamW Optimizer(Module network, double rate = 1e-2) => new(network.Parameters(), rate, weightDecay: 2e-5);
}
