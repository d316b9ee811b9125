using Sconce.Systems.Analysis.Looks;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>How a unit answers as something about a picture changes.</summary>
/// <param name="Stimulus">What is shown.</param>
/// <param name="Quantity">What changes, with its unit.</param>
/// <param name="At">Its values.</param>
/// <param name="Responses">The unit's answer at each.</param>
/// <param name="Turns">How often the stimulus looks the same in a whole turn; 0 where no angle changes.</param>
internal sealed record TuningCurve(string Stimulus, string Quantity, IReadOnlyList<double> At, IReadOnlyList<double> Responses, int Turns)
{
    /// <summary>Where the answer is largest; of angles the direction of the mean of answers above 0 as vectors.</summary>
    public double Preferred
    {
        get
        {
            if (Turns == 0) return At[Responses.ToList().IndexOf(Responses.Max())];
            var (x, y, _) = Vector();
            double angle = Math.Atan2(y, x) * 180 / Math.PI / Turns, whole = 360.0 / Turns;
            return ((angle % whole) + whole) % whole;
        }
    }

    /// <summary>The length of that mean vector, of answers' sum: 0 where all angles are alike, 1 where one alone is answered.</summary>
    public double Sharpness
    {
        get
        {
            var (x, y, sum) = Vector();
            return Turns == 0 || sum <= 0 ? double.NaN : Math.Sqrt((x * x) + (y * y)) / sum;
        }
    }

    private (double X, double Y, double Sum) Vector()
    {
        double x = 0, y = 0, sum = 0;
        for (int k = 0; k < At.Count; k++)
        {
            double answer = Math.Max(0, Responses[k]), angle = At[k] * Math.PI / 180 * Turns;
            (x, y, sum) = (x + (answer * Math.Cos(angle)), y + (answer * Math.Sin(angle)), sum + answer);
        }

        return (x, y, sum);
    }
}

/// <summary>
/// Tuning of units over synthetic pictures: gratings by orientation and frequency, noise that is fine on one side by direction. A unit's
/// answer is the mean over the middle third of its map. doi 10.23915/distill.00024.005.
/// </summary>
/// <param name="network">Whom.</param>
/// <param name="layer">The dotted name of a module.</param>
/// <param name="seed">Of the noise.</param>
internal sealed class TuningCurves(ProbedNetwork network, string layer, ulong seed)
{
    private const int Directions = 36, Orientations = 24, Textures = 4, Phases = 4, Together = 12;
    private static readonly double[] Cycles = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48];

    /// <summary>All curves of some channels, in the order of the channels.</summary>
    /// <param name="channels">Of the layer.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    public IReadOnlyList<IReadOnlyList<TuningCurve>> Of(
        IReadOnlyList<int> channels, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        // Finer gratings than two pixels a half wave are not on the picture.
        double[] cycles = [.. Cycles.Where(count => count <= network.Side / 4.0)];
        double[] directions = [.. Enumerable.Range(0, Directions).Select(k => 360.0 * k / Directions)];
        double[] orientations = [.. Enumerable.Range(0, Orientations).Select(k => 180.0 * k / Orientations)];
        int stages = Directions + (Orientations * cycles.Length), done = 0;
        void Tell(int count) => progress?.Report(new WorkProgress("showing", done += count, stages));
        var textures = directions.Chunk(Together).SelectMany(chunk => Told(chunk.Length, Noise(chunk), Textures)).ToArray();
        var gratings = new Dictionary<(double, double), double[]>();
        foreach (double count in cycles)
        {
            foreach (double[] chunk in orientations.Chunk(Together))
            {
                cancellation.ThrowIfCancellationRequested();
                var answers = Told(chunk.Length, Gratings(chunk, count), Phases);
                for (int k = 0; k < chunk.Length; k++) gratings[(chunk[k], count)] = answers[k];
            }
        }

        return [.. channels.Select(channel => Curves(channel))];

        double[][] Told(int count, Func<Tensor> pictures, int repeats)
        {
            cancellation.ThrowIfCancellationRequested();
            double[][] answers = Answers(pictures, count, repeats);
            Tell(count);
            return answers;
        }

        IReadOnlyList<TuningCurve> Curves(int channel)
        {
            var best = gratings.MaxBy(entry => entry.Value[channel]).Key;
            return
            [
                new("noise fine on one side", "direction in degrees", directions, [.. textures.Select(answers => answers[channel])], 1),
                new($"grating of {best.Item2:0} cycles", "orientation in degrees", orientations,
                    [.. orientations.Select(angle => gratings[(angle, best.Item2)][channel])], 2),
                new(FormattableString.Invariant($"grating at {best.Item1:0.#} degrees"), "cycles a picture", cycles,
                    [.. cycles.Select(count => gratings[(best.Item1, count)][channel])], 0),
            ];
        }
    }

    /// <summary>Fine on the side of each direction, several drawings of each, the directions outermost; grey.</summary>
    private Func<Tensor> Noise(double[] degrees) => () =>
    {
        using var generator = new Generator(seed);
        double[] angles = [.. degrees.SelectMany(angle => Enumerable.Repeat(angle * Math.PI / 180, Textures))];
        return NoiseTextures.Of(Tensor.From(angles).To(DType.Float32), network.Side, generator);
    };

    /// <summary>Waves that run in the direction of each angle, several phases of each.</summary>
    private Func<Tensor> Gratings(double[] degrees, double cycles) => () =>
    {
        int side = network.Side;
        double[] angles = [.. degrees.SelectMany(angle => Enumerable.Repeat(angle * Math.PI / 180, Phases))];
        double[] phases = [.. degrees.SelectMany(_ => Enumerable.Range(0, Phases).Select(k => 2 * Math.PI * k / Phases))];
        var place = (Tensor.Arange(side, dtype: DType.Float64) + 0.5) / side;
        Tensor angle = Tensor.From(angles, [angles.Length, 1, 1]), phase = Tensor.From(phases, [phases.Length, 1, 1]);
        var along = (place * angle.Cos()) + (place.Unsqueeze(1) * angle.Sin());
        return (((along * (2 * Math.PI * cycles)) + phase).Sin() * 0.4 + 0.5).To(DType.Float32);
    };

    /// <summary>Every channel's answer, the mean over repeats.</summary>
    private double[][] Answers(Func<Tensor> pictures, int count, int repeats)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var grey = pictures();
        using var trace = network.TracedAt(grey.Unsqueeze(1).Expand([-1, 3, -1, -1]).Contiguous(), layer);
        var middle = Middle(FeatureVisualization.Maps(trace.Last)).Mean([2, 3]);
        var means = middle.Reshape([count, repeats, -1]).Mean([1]).To(DType.Float64).Cpu();
        return [.. Enumerable.Range(0, count).Select(k => means[k].ToArray<double>())];
    }

    private static Tensor Middle(Tensor maps)
    {
        long height = maps.Size(2), width = maps.Size(3), high = Math.Max(1, height / 3), wide = Math.Max(1, width / 3);
        return maps.Narrow(2, (height - high) / 2, high).Narrow(3, (width - wide) / 2, wide);
    }
}
