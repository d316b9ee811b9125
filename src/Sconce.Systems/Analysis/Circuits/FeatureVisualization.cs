using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.Analysis.Looks;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>What pictures are raised for: the activations <c>(N, C, h, w)</c> of a layer to one number a picture, <c>(N)</c>.</summary>
internal delegate Tensor UnitGoal(Tensor activations);

/// <summary>How pictures are sought that excite a unit.</summary>
internal sealed record VisualizationOptions
{
    /// <summary>Steps of Adam.</summary>
    public int Steps { get; init; } = 256;

    /// <summary>Adam's.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>How much pictures of one batch must differ: the weight of their likeness at the layer; 0 for none.</summary>
    public double Diversity { get; init; }

    /// <summary>Whether pictures are spectra in independent colours; else plain pixels.</summary>
    public bool Fourier { get; init; } = true;

    /// <summary>Whether each step sees the pictures moved, scaled and turned a little.</summary>
    public bool Jitter { get; init; } = true;

    /// <summary>Of the first pictures and of the moves.</summary>
    public ulong Seed { get; init; }
}

/// <summary>What was found.</summary>
/// <param name="Pictures"><c>(N, 3, Side, Side)</c> in [0, 1].</param>
/// <param name="Before">The goal at the first pictures, N of them, without moves.</param>
/// <param name="After">The goal at the last.</param>
internal sealed record VisualizedUnits(Tensor Pictures, IReadOnlyList<double> Before, IReadOnlyList<double> After) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Pictures];
}

/// <summary>
/// Pictures optimised to excite units of a network; lucid's render.py. Moves are as large for a network's own side as lucid's are for 224
/// pixels, so that small networks do not see blur alone. Where a unit is silent at the first pictures, and nothing says in which direction
/// it would wake, louder ones are tried, as lucid lets gradients pass silent units at first.
/// </summary>
internal static class FeatureVisualization
{
    private const double LucidSide = 224, FirstDeviation = 0.01;
    private static readonly double[] Louder = [1, 10, 60];

    /// <summary>Pictures for goals, as many as <paramref name="count"/>, in the scope around.</summary>
    /// <param name="network">Whom.</param>
    /// <param name="layer">The dotted name of a module.</param>
    /// <param name="goal">To be raised, picture by picture.</param>
    /// <param name="count">Pictures at once.</param>
    /// <param name="options">How.</param>
    /// <param name="told">Of each step that is done.</param>
    /// <param name="cancellation">Ends it.</param>
    public static VisualizedUnits Find(
        ProbedNetwork network, string layer, UnitGoal goal, int count, VisualizationOptions options, Action? told,
        CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var generator = new Generator(options.Seed);
        var random = new Random((int)(options.Seed % int.MaxValue));
        int side = network.Side;
        long[] shape = options.Fourier ? FourierImage.SpectrumShape(count, 3, side, side) : [count, 3, side, side];
        using var code = new Parameter(Tensor.Randn(shape, generator) * FirstDeviation);
        WakeSilent(network, layer, goal, code, options);
        double[] before = Values(network, layer, goal, Shown(code, side, options));
        using var optimizer = new Adam([code], options.LearningRate);
        for (int step = 0; step < options.Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = new TensorScope();
            optimizer.ZeroGrad();
            var seen = Shown(code, side, options);
            if (options.Jitter) seen = Moved(seen, TransformDraw.Random(random));
            using var trace = network.TracedAt(seen, layer);
            var loss = -goal(Maps(trace.Last)).Sum();
            if (options.Diversity > 0 && count > 1) loss += Objectives.Likeness(Maps(trace.Last)) * options.Diversity;
            loss.Backward();
            optimizer.Step();
            told?.Invoke();
        }

        using var off = Gradients.Off();
        var pictures = Shown(code, side, options).Detach().Clone();
        return scope.Keep(new VisualizedUnits(pictures, before, Values(network, layer, goal, pictures)));
    }

    /// <summary>A layer's answer as maps: rows are maps of one place, tokens of one row.</summary>
    public static Tensor Maps(Tensor answer) => answer.Dimensions switch
    {
        4 => answer,
        3 => answer.Transpose(1, 2).Unsqueeze(2),
        2 => answer.Unsqueeze(2).Unsqueeze(3),
        _ => throw new UsageException($"a layer that answers with {answer.Dimensions} dimensions has no channels to be looked at"),
    };

    private static Tensor Shown(Tensor code, int side, VisualizationOptions options) => options.Fourier
        ? NaturalColour.Valid(FourierImage.Of(code, side))
        : code.Sigmoid();

    /// <summary>lucid's moves in the picture's own measure, then back to the network's side.</summary>
    private static Tensor Moved(Tensor pictures, TransformDraw draw)
    {
        long side = pictures.Size(-1);
        double share = side / LucidSide;
        int border = Math.Max(1, (int)Math.Round(12 * share)), first = Of(8), second = Of(4);
        var padded = Functional.Pad(pictures, [border, border, border, border], value: 0.5);
        var moved = RobustTransforms.Crop(padded, first, At(draw.First, 8, first));
        moved = RobustTransforms.Resize(moved, draw.Scale);
        moved = RobustTransforms.Rotate(moved, draw.Degrees, bilinear: true);
        moved = RobustTransforms.Crop(moved, second, At(draw.Second, 4, second));
        return Functional.Interpolate(moved, [side, side], Interpolation.Bilinear);

        int Of(int pixels) => Math.Max(1, (int)Math.Round(pixels * share));
        static (int, int) At((int Row, int Column) drawn, int of, int taken) => (drawn.Row * taken / of, drawn.Column * taken / of);
    }

    /// <summary>Makes the first pictures louder where no gradient reaches them.</summary>
    private static void WakeSilent(ProbedNetwork network, string layer, UnitGoal goal, Parameter code, VisualizationOptions options)
    {
        using var scope = new TensorScope();
        var first = code.Detach().Clone();
        int batch = options.Fourier ? 1 : 0;
        foreach (double louder in Louder)
        {
            using var inner = new TensorScope();
            code.Grad = null;
            using (var trace = network.TracedAt(Shown(code, network.Side, options), layer)) goal(Maps(trace.Last)).Sum().Backward();
            using var off = Gradients.Off();
            long[] others = [.. Enumerable.Range(0, code.Dimensions).Where(k => k != batch).Select(k => (long)k)];
            var silent = code.Grad!.Abs().Amax(others, keepdim: true).Eq(0);
            if (!silent.Any().Item<bool>()) break;
            code.CopyInPlace(Functional.Where(silent, first * (louder * 10), code));
        }

        code.Grad = null;
    }

    private static double[] Values(ProbedNetwork network, string layer, UnitGoal goal, Tensor pictures)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var trace = network.TracedAt(pictures, layer);
        return goal(Maps(trace.Last)).To(DType.Float64).ToArray<double>();
    }
}
