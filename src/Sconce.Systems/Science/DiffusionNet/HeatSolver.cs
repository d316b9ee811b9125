namespace Sconce.Systems.Science.DiffusionNet;

/// <summary>How a half step sees the lines beside the one that it solves.</summary>
public enum HeatScheme
{
    /// <summary>As they were: Peaceman and Rachford's alternating directions, which follow the true transient.</summary>
    Textbook,

    /// <summary>
    /// Solved lines are written back at once, as the official solver.py does: the same steady state along another transient. The paper's
    /// errors refer to it.
    /// </summary>
    InPlace,
}

/// <summary>Heat conduction on a square grid by alternating directions: implicit down the columns, then along the rows.</summary>
public sealed class HeatSolver
{
    private readonly double[] temperatures;
    private readonly double[] before;
    private readonly double[] line;
    private readonly double[] factors;
    private readonly int size;
    private readonly double diffusion;
    private readonly HeatScheme scheme;

    /// <summary>Begins with any field, whose outermost ring is the walls.</summary>
    /// <param name="field">Row by row, size · size temperatures; it is copied.</param>
    /// <param name="diffusion">λ, more than 0.</param>
    /// <param name="scheme">How lines see each other.</param>
    /// <exception cref="ArgumentException">The field is no square of side 3 at least.</exception>
    public HeatSolver(ReadOnlySpan<double> field, double diffusion, HeatScheme scheme = HeatScheme.Textbook)
    {
        size = (int)Math.Sqrt(field.Length);
        if (size < 3 || size * size != field.Length)
        {
            throw new ArgumentException($"{field.Length} temperatures are no square of side 3 or more");
        }

        if (!(diffusion > 0)) throw new ArgumentOutOfRangeException(nameof(diffusion), diffusion, "heat diffuses by more than 0");
        temperatures = field.ToArray();
        before = new double[field.Length];
        line = new double[size];
        factors = new double[size];
        (this.diffusion, this.scheme) = (diffusion, scheme);
    }

    /// <summary>Begins with a plate of one temperature; the corners, which heat never leaves, are 0.</summary>
    public static HeatSolver Of(HeatProblem problem, int size, HeatScheme scheme = HeatScheme.Textbook)
    {
        var field = new double[size * size];
        for (int k = 1; k < size - 1; k++)
        {
            for (int column = 1; column < size - 1; column++) field[(k * size) + column] = problem.Initial;
            (field[k], field[((size - 1) * size) + k]) = (problem.Top, problem.Bottom);
            (field[k * size], field[(k * size) + size - 1]) = (problem.Left, problem.Right);
        }

        return new HeatSolver(field, problem.Diffusion, scheme);
    }

    /// <summary>The temperatures, row by row.</summary>
    public ReadOnlySpan<double> Field => temperatures;

    /// <summary>Steps on.</summary>
    /// <param name="steps">0 or more.</param>
    public void Step(int steps = 1)
    {
        for (int k = 0; k < steps; k++)
        {
            HalfStep(along: size, across: 1);
            HalfStep(along: 1, across: size);
        }
    }

    /// <summary>
    /// Solves every line; neighbours on it are <paramref name="along"/> apart, lines are <paramref name="across"/> apart.
    /// </summary>
    private void HalfStep(int along, int across)
    {
        double[] seen = temperatures;
        if (scheme == HeatScheme.Textbook)
        {
            temperatures.CopyTo(before, 0);
            seen = before;
        }

        for (int k = 1; k < size - 1; k++)
        {
            int start = k * across;
            for (int place = 1; place < size - 1; place++)
            {
                int at = start + (place * along);
                line[place] = (diffusion * (seen[at - across] + seen[at + across])) + (2 * (1 - diffusion) * seen[at]);
            }

            line[1] += diffusion * temperatures[start];
            line[size - 2] += diffusion * temperatures[start + ((size - 1) * along)];
            Solve();
            for (int place = 1; place < size - 1; place++) temperatures[start + (place * along)] = line[place];
        }
    }

    /// <summary>Thomas' algorithm for -λ, 2(1 + λ), -λ.</summary>
    private void Solve()
    {
        double diagonal = 2 * (1 + diffusion);
        factors[0] = 0;
        double solved = 0;
        for (int place = 1; place < size - 1; place++)
        {
            double pivot = diagonal - (diffusion * factors[place - 1]);
            factors[place] = diffusion / pivot;
            solved = line[place] = (line[place] + (diffusion * solved)) / pivot;
        }

        for (int place = size - 3; place >= 1; place--) line[place] += factors[place] * line[place + 1];
    }
}
