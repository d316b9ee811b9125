using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Compilation;

/// <summary>What a network answers eagerly to its example and to inputs drawn at random, to hold compiled forms of it to.</summary>
internal sealed class CompileCheck
{
    private const ulong Seed = 0x5C0;
    private const int Draws = 2;
    private readonly List<Question> questions = [];

    /// <param name="module">In evaluation.</param>
    /// <param name="example">The input that it is compiled for.</param>
    /// <param name="batches">Sizes of the batches that are drawn.</param>
    internal CompileCheck(Module<Tensor, Tensor> module, Tensor example, IReadOnlyList<long> batches)
    {
        questions.Add(new("the example", example, KeptInput.Ask(module.Call, example).Answer, Broken: false));
        using var generator = new Generator(Seed);
        foreach (long batch in batches)
        {
            for (int draw = 0; draw < Draws; draw++) Ask($"a random batch of {batch}", Drawn(example, batch, generator), broken: false);
        }

        if (!example.DType.IsFloatingPoint() || example.Elements == 0) return;
        var none = Drawn(example, batches[0], generator);
        none.Flatten().Narrow(0, none.Elements / 2, 1).FillInPlace(double.NaN);
        Ask("an input with a number that is none", none, broken: true);

        void Ask(string name, Tensor input, bool broken)
        {
            try
            {
                questions.Add(new(name, input, KeptInput.Ask(module.Call, input).Answer, broken));
            }
            catch (Exception error) when (error is TorchException or ArgumentException)
            {
                // The eager network takes no such input: there is nothing to compare.
            }
        }
    }

    /// <summary>
    /// The largest difference in units of the eager answer's rms, and what is wrong, if it is more than the tolerance, of another type or
    /// shape, or a number where the eager network has none; and whether the form writes into its input.
    /// </summary>
    /// <param name="compiled">The form to judge.</param>
    /// <param name="tolerance">In units of rms.</param>
    /// <param name="numbers">Whether what is no number is followed through it.</param>
    internal (double Change, string? Fault, bool Writes) Judge(Func<Tensor, Tensor> compiled, double tolerance, bool numbers)
    {
        double worst = 0;
        bool writes = false;
        foreach (var question in questions.Where(question => numbers || !question.Broken))
        {
            using var scope = new TensorScope();
            (Tensor answer, bool wrote) = KeptInput.Ask(compiled, question.Input);
            writes |= wrote;
            var expected = question.Answer;
            string? other = answer.DType != expected.DType ? $"{answer.DType}, the eager network in {expected.DType}"
                : !answer.Shape.SequenceEqual(expected.Shape) ? $"{Shape(answer)}, the eager network in {Shape(expected)}"
                : null;
            if (other is not null) return (double.PositiveInfinity, $"on {question.Name} it answers in {other}", writes);
            if (expected.Elements == 0) continue;
            if (question.Broken)
            {
                if (Lost(answer, expected)) return (double.PositiveInfinity,
                    $"on {question.Name} it answers numbers where the eager network has none", writes);
                continue;
            }

            double change = Difference(answer, expected);
            if (!(change <= tolerance))
                return (change, $"on {question.Name} it differs from the eager network by {change:G3} of its rms", writes);
            worst = Math.Max(worst, change);
        }

        return (worst, null, writes);
    }

    // Numbers of usual size in the shape of the example, or whole numbers of its range.
    private static Tensor Drawn(Tensor example, long batch, Generator generator)
    {
        long[] shape = [batch, .. example.Shape[1..]];
        if (example.DType.IsFloatingPoint())
        {
            return Tensor.Zeros(shape, DType.Float32).NormalInPlace(0, 1, generator).To(example.DType).To(example.Device);
        }

        var share = Tensor.Zeros(shape, DType.Float64).UniformInPlace(0, 1, generator);
        if (example.DType == DType.Bool || example.Elements == 0) return share.Gt(0.5).To(example.DType).To(example.Device);
        double least = example.To(DType.Float64).Min().Item<double>(), most = example.To(DType.Float64).Max().Item<double>();
        return (share * (most - least + 1) + least).Floor().To(example.DType).To(example.Device);
    }

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.Shape.ToArray())}]";

    private static bool Lost(Tensor answer, Tensor expected) =>
        expected.DType.IsFloatingPoint() && expected.Isnan().LogicalAnd(answer.Isnan().LogicalNot()).Any().Item<bool>();

    // Infinities are equal to themselves, and what is no number to what is none.
    private static double Difference(Tensor answer, Tensor expected)
    {
        Tensor got = answer.To(DType.Float64), wanted = expected.To(DType.Float64);
        var same = got.Eq(wanted).LogicalOr(got.Isnan().LogicalAnd(wanted.Isnan()));
        var finite = wanted.Isfinite();
        double worst = (got - wanted).MaskedFill(same, 0.0).Abs().Max().Item<double>();
        double rms = wanted.MaskedFill(finite.LogicalNot(), 0.0).Square().Mean().Sqrt().Item<double>();
        return double.IsNaN(worst) ? double.PositiveInfinity : worst / Math.Max(rms, 1e-30);
    }

    private sealed record Question(string Name, Tensor Input, Tensor Answer, bool Broken);
}
