using Sconce.Torch;

namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>
/// Temperatures as the network sees them: λ stands in the corners, and all is brought to mean 0 about 500 K; official generator.py.
/// </summary>
internal static class HeatFields
{
    /// <summary>Temperatures are drawn from 0 to this, in kelvin.</summary>
    public const double Range = 1000;

    private const double Mean = Range / 2, Deviation = Mean / 2;

    /// <summary>Fields side by side. <c>-> (N, 1, 1, size, size)</c></summary>
    /// <param name="fields">Row by row, in kelvin.</param>
    /// <param name="diffusions">λ of each.</param>
    /// <param name="size">The side.</param>
    public static Tensor Of(IReadOnlyList<double[]> fields, IReadOnlyList<double> diffusions, int size)
    {
        var values = new float[fields.Count * size * size];
        for (int n = 0; n < fields.Count; n++)
        {
            var own = values.AsSpan(n * size * size, size * size);
            for (int k = 0; k < own.Length; k++) own[k] = (float)((fields[n][k] - Mean) / Deviation);
            float corner = (float)(((diffusions[n] * Range) - Mean) / Deviation);
            (own[0], own[size - 1], own[^size], own[^1]) = (corner, corner, corner, corner);
        }

        return Tensor.From(values, [fields.Count, 1, 1, size, size]);
    }

    /// <summary>Back to kelvin, with the walls of a field that is known; corners are 0, as the solver has them.</summary>
    /// <param name="output"><c>(1, 1, 1, size, size)</c></param>
    /// <param name="walls">A field with the same walls.</param>
    public static double[] Kelvin(Tensor output, double[] walls)
    {
        float[] values = output.Contiguous().ToArray<float>();
        int size = (int)output.Size(-1);
        var field = (double[])walls.Clone();
        foreach (int place in Inside(size)) field[place] = (values[place] * Deviation) + Mean;
        return field;
    }

    /// <summary>The mean difference within the walls, in kelvin.</summary>
    public static double Difference(double[] field, double[] other)
    {
        int size = (int)Math.Sqrt(field.Length);
        return Inside(size).Average(place => Math.Abs(field[place] - other[place]));
    }

    /// <summary>Normalised differences in kelvin.</summary>
    public static double Kelvin(double difference) => difference * Deviation;

    /// <summary>The places within the walls.</summary>
    public static IEnumerable<int> Inside(int size) =>
        Enumerable.Range(1, size - 2).SelectMany(row => Enumerable.Range(1, size - 2).Select(column => (row * size) + column));

    /// <summary>The part within the walls. <c>(N, 1, 1, size, size) -> (N, 1, 1, size - 2, size - 2)</c></summary>
    public static Tensor Inside(Tensor fields) =>
        fields.Narrow(-1, 1, fields.Size(-1) - 2).Narrow(-2, 1, fields.Size(-2) - 2);
}

/// <summary>Fields before and after a jump.</summary>
/// <param name="Before"><c>(N, 1, 1, size, size)</c></param>
/// <param name="After">The same some steps later.</param>
internal sealed record HeatPairs(Tensor Before, Tensor After) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Before.Dispose();
        After.Dispose();
    }
}

/// <summary>Makes problems and solves them.</summary>
/// <param name="size">The side of the grid.</param>
/// <param name="jump">S: steps of a jump.</param>
/// <param name="scheme">By which solver.</param>
/// <param name="lastStart">Steps before a jump at most.</param>
internal sealed class HeatProblems(int size, int jump, HeatScheme scheme, int lastStart)
{
    private const double EarlyShare = 0.3; // of jumps begin within the first steps, where most happens
    private const int EarlyStart = 12;

    /// <summary>A problem by chance: temperatures are whole, λ in thousandths.</summary>
    public static HeatProblem Draw(Random random)
    {
        double Temperature() => random.Next((int)HeatFields.Range);
        return new HeatProblem(
            random.Next(1, (int)HeatFields.Range) / HeatFields.Range,
            Temperature(), Temperature(), Temperature(), Temperature(), Temperature());
    }

    /// <summary>Jumps of problems by chance, which outlive the scope around.</summary>
    public HeatPairs Pairs(int count, Random random)
    {
        List<double[]> before = [], after = [];
        var diffusions = new List<double>();
        for (int k = 0; k < count; k++)
        {
            var problem = Draw(random);
            int start = random.Next(random.NextDouble() < EarlyShare ? Math.Min(EarlyStart, lastStart) : lastStart);
            var solver = HeatSolver.Of(problem, size, scheme);
            solver.Step(start);
            before.Add(solver.Field.ToArray());
            solver.Step(jump);
            after.Add(solver.Field.ToArray());
            diffusions.Add(problem.Diffusion);
        }

        using var scope = new TensorScope();
        return new HeatPairs(
            scope.KeepForever(HeatFields.Of(before, diffusions, size)), scope.KeepForever(HeatFields.Of(after, diffusions, size)));
    }
}
