using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>Says in which of eight directions the fine side of a noise patch lies. <c>(N, 3, 32, 32) -> (N, 8)</c></summary>
internal sealed partial class DirectionNetwork : Module<Tensor, Tensor>
{
    internal const int Side = 32, Directions = 8;
    private const int Batch = 64;

    public Conv2d Conv1 { get; } = new(3, 16, 5, padding: 2);

    public Conv2d Conv2 { get; } = new(16, 24, 5, stride: 2, padding: 2);

    public Conv2d Conv3 { get; } = new(24, 32, 3, stride: 2, padding: 1);

    public Linear Head { get; } = new(32 * 4 * 4, Directions);

    /// <summary>Patches with the numbers of their directions, eighths of a turn from the right, turning downwards.</summary>
    public static (Tensor Patches, Tensor Labels) Draw(int count, Generator generator)
    {
        var labels = Tensor.Arange(count) % Directions;
        var patches = NoiseTextures.Of(labels.To(DType.Float32) * (2 * Math.PI / Directions), Side, generator);
        return (patches.Unsqueeze(1).Expand([-1, 3, -1, -1]).Contiguous(), labels);
    }

    /// <summary>Adam 2e-3, batches of 64 of as many patches as there are.</summary>
    public void Learn(
        Tensor patches, Tensor labels, int steps, Generator generator, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var optimizer = new Adam(Parameters(), 2e-3);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var chosen = (Tensor.Rand([Batch], generator) * patches.Size(0)).To(DType.Int64);
            optimizer.ZeroGrad();
            Functional.CrossEntropy(Call(patches.IndexSelect(0, chosen)), labels.IndexSelect(0, chosen)).Backward();
            optimizer.Step();
            progress?.Report(new WorkProgress("learning directions", step + 1, steps));
        }

        optimizer.ZeroGrad();
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        var x = Conv3.Call(Conv2.Call(Conv1.Call(input).Relu()).Relu()).Relu();
        return Head.Call(x.AdaptiveAvgPool2d([4, 4]).Flatten(1));
    }
}
