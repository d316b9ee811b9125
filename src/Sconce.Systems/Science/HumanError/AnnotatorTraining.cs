using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Science.HumanError;

/// <summary>Pictures and what each annotator wrote of them.</summary>
/// <param name="Pictures"><c>(N, C, H, W)</c></param>
/// <param name="Labels">Each annotator's <c>(N, H, W)</c> class numbers; null where it has none.</param>
public sealed record AnnotatedBatch(Tensor Pictures, IReadOnlyList<Tensor?> Labels);

/// <summary>Trains a network from annotators without a clean label; for the <see cref="Trainer{TBatch}"/>.</summary>
/// <param name="network">An <see cref="AnnotatorUNet"/> or a <see cref="GlobalAnnotatorUNet"/>.</param>
/// <param name="traceWeight">λ; begin with 0 and raise it once the annotations are explained, or classes may swap.</param>
public sealed class AnnotatorObjective(Module network, double traceWeight = 0.01) : Objective<AnnotatedBatch>
{
    private readonly IAnnotatorNetwork annotators = network as IAnnotatorNetwork ?? throw new ArgumentException($"{network.GetType().Name} models no annotators", nameof(network));

    /// <inheritdoc/>
    public override Module Network => network;

    /// <inheritdoc/>
    public override int Count(AnnotatedBatch batch) => (int)batch.Pictures.Size(0);

    /// <inheritdoc/>
    public override Tensor Loss(AnnotatedBatch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(NoisyLabels.Compute(annotators.Annotate(batch.Pictures), batch.Labels, traceWeight).Total);
    }

    /// <summary>The official optimiser.</summary>
    public static AdamW Optimizer(Module network, double rate = 1e-2) => new(network.Parameters(), rate, weightDecay: 2e-5);
}
