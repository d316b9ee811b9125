using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>Pictures of high frequency on one side and low frequency on the other, as high-low frequency detectors like them.</summary>
public static class HighLowStimulus
{
    /// <summary><c>(N), (N), (N) -> (N, size, size)</c> in [0, 1]; gradients flow to all three.</summary>
    /// <param name="angles">Where the high side lies, in radians from the right, turning downwards.</param>
    /// <param name="high">Half periods across half the picture on the high side.</param>
    /// <param name="low">The same on the low side.</param>
    /// <param name="size">Side in pixels, 2 at least.</param>
    /// <param name="edge">How sharp the boundary is.</param>
    public static Tensor Of(Tensor angles, Tensor high, Tensor low, int size, double edge = 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 2);
        using var scope = new TensorScope();
        var x = ((Tensor.Arange(size, dtype: DType.Float64) * (2.0 / (size - 1))) - 1).To(angles.DType);
        var y = x.Unsqueeze(1);
        Tensor cos = Column(angles.Cos()), sin = Column(angles.Sin());
        Tensor across = (x * cos) + (y * sin), along = (y * cos) - (x * sin);
        var mask = (across * edge).Sigmoid();
        var contrast = (mask * Waves(Column(high))) + ((1 - mask) * Waves(Column(low)));
        return scope.Keep((contrast * 0.5) + 0.5);

        Tensor Waves(Tensor frequency) => (along * frequency * Math.PI).Sin() * (across * frequency * Math.PI).Sin();
    }

    private static Tensor Column(Tensor values) => values.Reshape([-1, 1, 1]);
}
