using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>
/// Pictures made smaller without moiré: a Gaussian, then every n-th pixel. <c>(N, C, H, W) -> (N, C, H·scale, W·scale)</c>;
/// zhanglonghao1992/One-Shot_Free-View_Neural_Talking_Head_Synthesis@9511d25 modules/util.py.
/// </summary>
public sealed partial class AntiAliasedShrink : Module<Tensor, Tensor>
{
    private readonly int channels, step;

    /// <summary>The blur is computed, and saved.</summary>
    /// <param name="channels">Of the pictures.</param>
    /// <param name="scale">One over a whole number; 1 leaves them.</param>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not in (0, 1].</exception>
    public AntiAliasedShrink(int channels, double scale)
    {
        if (scale is not (> 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(scale), scale, "pictures are made smaller: the scale is in (0, 1]");
        }

        this.channels = channels;
        step = (int)(1 / scale);
        double deviation = ((1 / scale) - 1) / 2;
        int side = (2 * (int)Math.Round(deviation * 4)) + 1;
        double[] line = [.. Enumerable.Range(0, side).Select(k => deviation > 0 ? Math.Exp(-Square((k - (side / 2)) / deviation) / 2) : 1)];
        double sum = line.Sum();
        float[] kernel = [.. line.SelectMany(row => line.Select(column => (float)(row / sum * (column / sum))))];
        float[] all = [.. Enumerable.Repeat(kernel, channels).SelectMany(values => values)];
        Weight = new Nn.Buffer(Tensor.From(all, [channels, 1, side, side]));

        static double Square(double x) => x * x;
    }

    Nn.Buffer Weight { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        if (step == 1) return x;
        long margin = Weight.Size(2) / 2;
        var blurred = Functional.Conv2d(x, Weight, null, [1, 1], [margin, margin], [1, 1], channels);
        return blurred[.., .., TensorIndex.Slice(step: step), TensorIndex.Slice(step: step)];
    }
}
