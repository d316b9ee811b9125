using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>Where strokes begin before they are optimised. jiupinjia/stylized-neural-painting@e7a66b2 renderer.py, painter.py.</summary>
internal sealed class StrokeSampler(Brush brush, Random random)
{
    // Officially a curve's points begin on one place; a renderer by formula has no gradient to draw them apart evenly.
    private const double Spread = 0.1;

    /// <summary>Uniform numbers <c>(cells, count, d)</c>.</summary>
    internal Tensor Uniform(int cells, int count)
    {
        var numbers = new float[cells * count * brush.Width];
        for (int k = 0; k < numbers.Length; k++) numbers[k] = random.NextSingle();
        return Tensor.From(numbers, [cells, count, brush.Width]);
    }

    /// <summary>
    /// Begins one stroke of every cell anew: where the painting is wrong, in the photo's colour there. Places are drawn by the fourth power
    /// of the blurred error.
    /// </summary>
    /// <param name="strokes"><c>(cells, count, d)</c>; written into.</param>
    /// <param name="anchor">Which.</param>
    /// <param name="target"><c>(cells, 3, s, s)</c></param>
    /// <param name="painted"><c>(cells, 3, s, s)</c></param>
    internal void Place(Tensor strokes, int anchor, Tensor target, Tensor painted)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int cells = (int)target.Size(0), side = (int)target.Size(3), blur = Math.Max(1, side / 8);
        var error = (target - painted).Abs().Sum([1], keepdim: true);
        var blurred = error.AvgPool2d([blur, blur], [1, 1], [blur / 2, blur / 2], countIncludePad: false)[.., 0, ..side, ..side];
        float[] weights = blurred.Pow(4).Reshape([cells, -1]).ToArray<float>(), colours = target.ToArray<float>();
        int area = side * side;
        var begun = new float[cells * brush.Width];
        for (int cell = 0; cell < cells; cell++)
        {
            int place = Drawn(weights.AsSpan(cell * area, area));
            float[] colour = [.. Enumerable.Range(0, 3).Select(k => colours[(((cell * 3) + k) * area) + place])];
            Begin((place % side) / (double)side, (place / side) / (double)side, colour).CopyTo(begun, cell * brush.Width);
        }

        strokes[.., anchor] = Tensor.From(begun, [cells, brush.Width], strokes.Device);
    }

    private float[] Begin(double x, double y, float[] colour)
    {
        double turn = random.NextDouble() * 2 * Math.PI, dx = Spread * Math.Cos(turn), dy = Spread * Math.Sin(turn);
        double Size() => 0.1 + (0.15 * random.NextDouble());
        double[] shape = brush.Curved
            ? [x - dx, y - dy, 0.5, 0.5, x + dx, y + dy, Size(), Size()]
            : [x, y, Size(), Size(), brush.Opaque ? random.NextDouble() : 0];
        double opacity = brush.ColourWidth == 3 ? 0.8 + (0.18 * random.NextDouble()) : 0.98 + (0.02 * random.NextDouble());
        return [.. shape.Select(number => (float)number), .. colour, .. brush.ColourWidth == 6 ? colour : [], (float)opacity];
    }

    private int Drawn(ReadOnlySpan<float> weights)
    {
        double total = 0;
        foreach (float weight in weights) total += weight;
        if (!(total > 0)) return random.Next(weights.Length);
        double left = random.NextDouble() * total;
        for (int k = 0; k < weights.Length; k++)
        {
            left -= weights[k];
            if (left < 0) return k;
        }

        return weights.Length - 1;
    }
}
