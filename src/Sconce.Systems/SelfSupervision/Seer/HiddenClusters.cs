using Sconce.Claims;
using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>
/// Points of unlike frequent classes whose signal, 8 numbers about a class's centre, is hidden among 24 louder numbers that say nothing,
/// all turned by one rotation. <c>(N, 32)</c>
/// </summary>
internal sealed class HiddenClusters
{
    internal const int Width = Signal + Nuisance, Classes = 8;
    private const int Signal = 8, Nuisance = 24;
    private const double Spread = 0.35, Loudness = 1.8;
    private static readonly double[] Shares = [0.28, 0.20, 0.15, 0.12, 0.09, 0.07, 0.05, 0.04];
    private readonly Tensor centres;
    private readonly Tensor rotation;

    /// <summary>Draws centres and rotation from the process's generator.</summary>
    internal HiddenClusters()
    {
        centres = Tensor.Randn([Classes, Signal]);
        rotation = Functional.LinalgQr(Tensor.Randn([Width, Width]), "reduced").Q;
    }

    /// <summary>Points before the rotation, with their classes: as unlike frequent as <see cref="Shares"/>, or all alike.</summary>
    internal LabelledTensors Draw(int count, bool balanced, Random random)
    {
        long[] labels = new long[count];
        for (int k = 0; k < count; k++) labels[k] = balanced ? k % Classes : Pick(random.NextDouble());
        var numbers = Tensor.From(labels);
        return new LabelledTensors(Tensor.Cat(
            [centres[numbers] + Tensor.Randn([count, Signal]) * Spread, Tensor.Randn([count, Nuisance]) * Loudness], 1), numbers);
    }

    /// <summary>The points as a learner sees them.</summary>
    internal Tensor Show(Tensor points) => points.Matmul(rotation);

    /// <summary>One view: the signal shaken a little, most of the nuisance drawn anew, so that its variance stays.</summary>
    internal Tensor View(Tensor points)
    {
        using var scope = new TensorScope();
        long count = points.Size(0);
        var signal = points.Narrow(1, 0, Signal) + Tensor.Randn([count, Signal]) * 0.2;
        var nuisance = points.Narrow(1, Signal, Nuisance) * 0.5 + Tensor.Randn([count, Nuisance]) * (Loudness * Math.Sqrt(0.75));
        return scope.Keep(Show(Tensor.Cat([signal, nuisance], 1)));
    }

    private static int Pick(double at)
    {
        for (int k = 0; k < Classes - 1; k++)
        {
            if ((at -= Shares[k]) < 0) return k;
        }

        return Classes - 1;
    }
}
