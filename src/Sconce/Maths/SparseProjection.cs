namespace Sconce.Maths;

/// <summary>
/// A sparse random projection that nearly keeps distances (Li, Hastie, Church 2006; scikit-learn's <c>SparseRandomProjection</c>, as
/// anomalib@161bb36 uses it): entries ±sqrt(1/density)/sqrt(components), all others 0.
/// </summary>
public sealed class SparseProjection
{
    private readonly int[][] places;
    private readonly float[][] signs;

    /// <summary>Draws one.</summary>
    /// <param name="width">Numbers of a row that comes in.</param>
    /// <param name="components">Numbers of a row that goes out.</param>
    /// <param name="seed">What it is drawn from.</param>
    public SparseProjection(int width, int components, int seed)
    {
        var random = new Random(seed);
        double density = 1 / Math.Sqrt(width);
        float value = (float)(Math.Sqrt(1 / density) / Math.Sqrt(components));
        (places, signs) = (new int[components][], new float[components][]);
        for (int k = 0; k < components; k++)
        {
            places[k] = [.. Enumerable.Range(0, width).Where(_ => random.NextDouble() < density)];
            signs[k] = [.. places[k].Select(_ => random.Next(2) == 0 ? -value : value)];
        }
    }

    /// <summary>How many components keep the distances of that many rows within (1 ± eps) (Johnson-Lindenstrauss).</summary>
    public static int Components(int rows, double eps = 0.9) => (int)(4 * Math.Log(rows) / ((eps * eps / 2) - (eps * eps * eps / 3)));

    /// <summary>Projects rows of <c>width</c> numbers to rows of <c>components</c>.</summary>
    public float[] Apply(ReadOnlyMemory<float> rows, int width)
    {
        int count = rows.Length / width, components = places.Length;
        var made = new float[count * components];
        Parallel.For(0, count, row =>
        {
            var from = rows.Span.Slice(row * width, width);
            for (int k = 0; k < components; k++)
            {
                float sum = 0;
                var (at, sign) = (places[k], signs[k]);
                for (int j = 0; j < at.Length; j++) sum += from[at[j]] * sign[j];
                made[(row * components) + k] = sum;
            }
        });
        return made;
    }
}
