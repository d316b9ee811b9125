namespace Sconce.Systems.TrainingMethods.DataParallelism;

/// <summary>
/// A quadratic loss whose gradient is noisy, in expectation: E[θ²] ← (1 − ηh)² E[θ²] + η² c / B along each eigenvector; the loss is Σ h
/// E[θ²] / 2 (1907.04164 §3). It shows the three regimes without randomness.
/// </summary>
/// <param name="Curvatures">h, more than 0.</param>
/// <param name="NoiseVariances">c of one example, 0 or more; as many.</param>
/// <param name="InitialSquares">E[θ²] at the beginning; as many.</param>
public sealed record NoisyQuadratic(IReadOnlyList<double> Curvatures, IReadOnlyList<double> NoiseVariances,
    IReadOnlyList<double> InitialSquares)
{
    /// <summary>Curvatures spread evenly in their logarithm over 1e-2 … 1, noise in proportion to them, beginning at θ² = 1.</summary>
    public static NoisyQuadratic Spread(int dimensions)
    {
        double[] curvatures = [.. Enumerable.Range(0, dimensions).Select(k => Math.Pow(10, -2 + 2.0 * k / Math.Max(1, dimensions - 1)))];
        return new NoisyQuadratic(curvatures, curvatures, [.. curvatures.Select(_ => 1.0)]);
    }

    /// <summary>The expected loss after each step of SGD.</summary>
    /// <param name="learningRate">η.</param>
    /// <param name="batch">B, more than 0.</param>
    /// <param name="steps">How many.</param>
    public IEnumerable<double> ExpectedLosses(double learningRate, double batch, int steps)
    {
        if (Curvatures.Count != NoiseVariances.Count || Curvatures.Count != InitialSquares.Count)
            throw new InvalidOperationException($"{Curvatures.Count} curvatures, {NoiseVariances.Count} variances, {InitialSquares.Count} "
                + $"squares: there must be as many of each");
        if (!(batch > 0)) throw new ArgumentOutOfRangeException(nameof(batch), batch, "a batch has a size above 0");
        double[] squares = [.. InitialSquares];
        for (int step = 0; step < steps; step++)
        {
            double loss = 0;
            for (int k = 0; k < squares.Length; k++)
            {
                double kept = 1 - learningRate * Curvatures[k];
                squares[k] = kept * kept * squares[k] + learningRate * learningRate * NoiseVariances[k] / batch;
                loss += Curvatures[k] * squares[k] / 2;
            }

            yield return loss;
        }
    }

    /// <summary>The fewest steps to a loss over many learning rates; null where none gets there within the budget.</summary>
    /// <param name="goal">The expected loss to reach.</param>
    /// <param name="batch">B.</param>
    /// <param name="learningRates">Those to try.</param>
    /// <param name="budget">Steps at most.</param>
    public int? StepsTo(double goal, double batch, IEnumerable<double> learningRates, int budget)
    {
        int? best = null;
        foreach (double rate in learningRates)
        {
            int step = 0;
            foreach (double loss in ExpectedLosses(rate, batch, best ?? budget))
            {
                step++;
                if (loss <= goal)
                {
                    best = step;
                    break;
                }

                if (!double.IsFinite(loss)) break;
            }
        }

        return best;
    }
}
