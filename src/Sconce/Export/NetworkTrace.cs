using Sconce.Torch;

namespace Sconce.Export;

/// <summary>A network's function traced for export: frozen, for any batch where that can be, and held against the eager network.</summary>
internal sealed class NetworkTrace : IDisposable
{
    private const int First = 2, Second = 3, Third = 4;

    private readonly ScriptModule traced;

    private NetworkTrace(ExportFunction function, ScriptModule traced, int? batch, string fixedBecause)
    {
        Function = function;
        this.traced = traced;
        Frozen = traced.Freeze();
        Batch = batch;
        FixedBecause = fixedBecause;
    }

    public ExportFunction Function { get; }

    /// <summary>The weights are its constants.</summary>
    public ScriptModule Frozen { get; private set; }

    /// <summary>Null for any.</summary>
    public int? Batch { get; }

    public string FixedBecause { get; }

    /// <summary>Two batches to run it on.</summary>
    public (int One, int Other) Batches => Batch is { } size ? (size, size) : (1, Third);

    /// <summary>Traces a function of a network whose parameters ask for no gradients.</summary>
    public static NetworkTrace Of(ExportFunction function, int? batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        string fixedBecause = "";
        if (batch is null)
        {
            try
            {
                progress?.Report(new WorkProgress("tracing", 0, 0, "for any batch"));
                using var one = Trace(function, First);
                cancellation.ThrowIfCancellationRequested();
                using var other = Trace(function, Second);
                return new NetworkTrace(function, ScriptModule.Generalize(one, other, First, Second), null, "");
            }
            catch (TorchException fault)
            {
                fixedBecause = fault.Message;
            }
        }

        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new WorkProgress("tracing", 0, 0));
        return new NetworkTrace(function, Trace(function, batch ?? 1), batch ?? 1, fixedBecause);
    }

    /// <summary>The largest difference between a module's answers and the eager function's at both batches, in units of each answer's
    /// rms.</summary>
    public double Difference(ScriptModule module, ExportFunction eager)
    {
        double worst = 0;
        foreach (int batch in new[] { Batches.One, Batches.Other }.Distinct())
        {
            using var scope = new TensorScope();
            var inputs = eager.Examples(batch);
            var expected = eager.Run([.. inputs.Select(input => input.Clone())]);    // a network may write into what it is given
            var answers = module.Run(inputs);
            if (answers.Length != expected.Length)
                throw new ExportException($"the traced network gives {answers.Length} results, the eager one {expected.Length}");
            for (int k = 0; k < expected.Length; k++) worst = Math.Max(worst, Agreement.Of(answers[k], expected[k]));
        }

        return worst;
    }

    /// <summary>
    /// Takes the folding of norms into convolutions back. It changes the rounding, which very deep untrained networks blow up:
    /// ResNeSt-200's answer moves by 2e-3 of its rms, where the eager network itself lies 3e-4 from one in float64.
    /// </summary>
    public void Unfold()
    {
        Frozen.Dispose();
        Frozen = traced.Freeze(fold: false);
    }

    public void Dispose()
    {
        Frozen.Dispose();
        traced.Dispose();
    }

    private static ScriptModule Trace(ExportFunction function, int batch)
    {
        using var scope = new TensorScope();
        return ScriptModule.TracePortably(function.Run, function.Examples(batch));
    }
}

/// <summary>How far two answers lie apart.</summary>
internal static class Agreement
{
    /// <summary>The largest difference in units of the expected answer's rms; infinite where shapes differ or something is no
    /// number.</summary>
    public static double Of(Tensor answer, Tensor expected)
    {
        if (!answer.Shape.SequenceEqual(expected.Shape)) return double.PositiveInfinity;
        if (expected.Elements == 0) return 0;
        using var scope = new TensorScope();
        var wanted = expected.To(DType.Float64);
        double rms = wanted.Square().Mean().Sqrt().Item<double>();
        double worst = (answer.To(DType.Float64) - wanted).Abs().Max().Item<double>();
        return double.IsNaN(worst) ? double.PositiveInfinity : worst / Math.Max(rms, 1e-30);
    }
}
