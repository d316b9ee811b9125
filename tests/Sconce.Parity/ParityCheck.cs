using System.Text.Json;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Parity;

/// <summary>What a case came to.</summary>
internal sealed record ParityResult(string Verdict, double OutputError, double GradientError, string Fault)
{
    internal bool Passed => Verdict == "ok";
}

/// <summary>A case that cannot be asked here: what it needs is not on this machine.</summary>
internal sealed class ParitySkipException(string message) : Exception(message);

/// <summary>Asks one case and compares: keys, shapes, outputs, gradients, computed buffers.</summary>
internal static class ParityCheck
{
    private const double Tolerance = 1e-3;
    private const double KeptTolerance = 1e-5;

    internal static ParityResult Run(ParityCase question, ParityAnswers? answers)
    {
        if (answers is null) return new("unknown", 0, 0, $"no system '{question.System}' here");
        using var scope = new TensorScope();
        try
        {
            if (answers.HasOwnFormat(question))
                return answers.AnswerOwnFormat(question) is { } difference ? new("FAIL", 0, 0, difference) : new("ok", 0, 0, "");
            ParityAnswer? answer;
            using (Init.Skipped()) answer = answers.Answer(question);
            if (answer is null) return new("unknown", 0, 0, $"'{question.System}' has no model '{question.Model}' here");
            ParityResult single;
            using (answer) single = Ask(question, answer, DType.Float32);
            return single is { Passed: false, OutputError: <= Tolerance, GradientError: > Tolerance }
                ? InDoublePrecision(question, answers) ?? single : single;
        }
        catch (ParitySkipException skip)
        {
            return new("skipped", 0, 0, skip.Message);
        }
        catch (Exception error) when (error is TorchException or KeyNotFoundException or ArgumentException or InvalidOperationException
            or IndexOutOfRangeException or FormatException or NotSupportedException or IOException or OverflowException
            or NullReferenceException)
        {
            return new("FAIL", double.NaN, double.NaN, $"{error.GetType().Name}: {error.Message}");
        }
    }

    /// <summary>
    /// Asks again where only gradients differ. Beside the kink of a ReLU single precision may fall on either side of it, there as here, and
    /// one such number moves a small network's gradients by more than the tolerance. Where double precision agrees in everything, the
    /// formulas do. Null where it does not, or where the answer has no module to convert.
    /// </summary>
    private static ParityResult? InDoublePrecision(ParityCase question, ParityAnswers answers)
    {
        using var scope = new TensorScope();
        try
        {
            ParityAnswer? answer;
            using (Init.Skipped()) answer = answers.Answer(question);
            using (answer)
            {
                if (answer?.Module is null) return null;
                var result = Ask(question, answer, DType.Float64);
                return result.Passed ? result with { Fault = "in double precision; in single precision rounding crosses a kink" } : null;
            }
        }
        catch (TorchException)
        {
            return null; // a constant of the answer's own stayed in single precision
        }
    }

    private static ParityResult Ask(ParityCase question, ParityAnswer answer, DType precision)
    {
        var faults = new List<string>();
        if (answer.Module is { } module)
        {
            FillState(question, module, faults);
            module.Train(question.Train);
            if (precision != DType.Float32) module.To(precision);
        }

        if (faults.Count > 0) return new("FAIL", double.NaN, double.NaN, string.Join("; ", faults));
        var inputs = new ParityInputs(question, precision);
        var wanted = question.Properties("grads").ToDictionary(property => property.Name, property => property.Value.GetDouble());
        foreach (var (name, input) in inputs.All)
        {
            if (wanted.ContainsKey("in." + name)) input.RequiresGrad = true;
        }

        Dictionary<string, Tensor> outputs;
        if (wanted.Count > 0)
        {
            outputs = answer.Run(inputs);
        }
        else
        {
            using var noGrad = Gradients.Off();
            outputs = answer.Run(inputs);
        }

        double outputError = CompareOutputs(question, outputs, faults);
        double gradientError = wanted.Count > 0 ? CompareGradients(wanted, outputs, question, answer.Module, inputs, faults) : 0;
        return new(faults.Count == 0 ? "ok" : "FAIL", outputError, gradientError, string.Join("; ", faults.Take(6)));
    }

    private static void FillState(ParityCase question, Module module, List<string> faults)
    {
        using var noGrad = Gradients.Off();
        var state = module.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        var asked = new HashSet<string>();
        foreach (var entry in question.Items("tensors"))
        {
            string key = entry.GetProperty("key").GetString()!;
            asked.Add(key);
            if (!state.TryGetValue(key, out var tensor))
            {
                faults.Add($"missing key {key}");
                continue;
            }

            long[] shape = ParityCase.Shape(entry);
            if (!tensor.Shape.SequenceEqual(shape))
            {
                faults.Add($"{key}: shape [{string.Join(", ", tensor.Shape.ToArray())}], official [{string.Join(", ", shape)}]");
                continue;
            }

            if (entry.TryGetProperty("tied", out _)) continue;
            if (entry.TryGetProperty("keep", out _))
            {
                double expected = entry.GetProperty("rms").GetDouble(), actual = Rms(tensor);
                if (!(Math.Abs(actual - expected) <= KeptTolerance * Math.Abs(expected) + 1e-12))
                    faults.Add($"{key}: computed buffer's rms {actual}, official {expected}");
                continue;
            }

            Formula.Fill(tensor, key, entry.GetProperty("mean").GetDouble(), entry.GetProperty("amp").GetDouble());
        }

        foreach (string key in state.Keys.Where(key => !asked.Contains(key))) faults.Add($"unexpected key {key}");
        if (faults.Count > 6) faults.RemoveRange(6, faults.Count - 6);
    }

    private static double CompareOutputs(ParityCase question, Dictionary<string, Tensor> outputs, List<string> faults)
    {
        double worst = 0;
        foreach (var expected in question.Properties("outputs"))
        {
            if (!outputs.TryGetValue(expected.Name, out var output))
            {
                faults.Add($"no output '{expected.Name}'");
                worst = double.NaN;
                continue;
            }

            long[] shape = ParityCase.Shape(expected.Value);
            if (!output.Shape.SequenceEqual(shape))
            {
                faults.Add($"{expected.Name}: shape [{string.Join(", ", output.Shape.ToArray())}], official [{string.Join(", ", shape)}]");
                worst = double.NaN;
                continue;
            }

            double error = Compare(output, expected.Value);
            if (!(error <= Tolerance)) faults.Add($"{expected.Name}: off by {error:G3} of its rms");
            if (!(error <= worst)) worst = error;
        }

        return worst;
    }

    private static double Compare(Tensor output, JsonElement expected)
    {
        double rms = expected.GetProperty("rms").GetDouble(), worst = 0;
        var indices = expected.GetProperty("index").EnumerateArray().Select(index => index.GetInt64()).ToArray();
        double[] actual = output.Detach().To(DType.Float64).Reshape([-1])[Tensor.From(indices)].ToArray<double>();
        int k = 0;
        foreach (var value in expected.GetProperty("value").EnumerateArray())
        {
            double official = ReadNumber(value);
            double difference = actual[k].Equals(official) ? 0 : Math.Abs(actual[k] - official);
            double error = difference == 0 ? 0 : difference / Math.Max(rms, 1e-30);
            if (!(error <= worst)) worst = error;
            k++;
        }

        return worst;
    }

    /// <summary>A number, or the text that JSON needs for what is none.</summary>
    private static double ReadNumber(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.Null => double.NaN,
        _ => value.GetString() switch
        {
            "inf" or "Infinity" => double.PositiveInfinity,
            "-inf" or "-Infinity" => double.NegativeInfinity,
            _ => double.NaN
        },
    };

    private static double CompareGradients(Dictionary<string, double> wanted, Dictionary<string, Tensor> outputs, ParityCase question,
        Module? module, ParityInputs inputs, List<string> faults)
    {
        Tensor? loss = null;
        foreach (var expected in question.Properties("outputs"))
        {
            if (!outputs.TryGetValue(expected.Name, out var output) || !output.DType.IsFloatingPoint() || !output.RequiresGrad) continue;
            var weights = Formula.Floats("grad." + expected.Name, output.Shape);
            var term = (output * weights).Sum() / Math.Max(1, output.Elements);
            loss = loss is null ? term : loss + term;
        }

        if (loss is null)
        {
            faults.Add("no output is on the tape, though gradients are asked for");
            return double.NaN;
        }

        var leaves = new List<(string Name, Tensor Tensor)>();
        var parameters = module?.NamedParameters().ToDictionary(named => named.Name, named => (Tensor)named.Parameter) ?? [];
        foreach (string name in wanted.Keys)
        {
            if (name.StartsWith("in.", StringComparison.Ordinal) && inputs.Has(name[3..])) leaves.Add((name, inputs[name[3..]]));
            else if (parameters.TryGetValue(name, out var parameter)) leaves.Add((name, parameter));
            else faults.Add($"no parameter '{name}' to give a gradient");
        }

        var gradients = Gradients.OfAny([loss], leaves.Select(leaf => leaf.Tensor).ToArray());
        double largest = wanted.Values.Max(), worst = 0;
        for (int k = 0; k < leaves.Count; k++)
        {
            double expected = wanted[leaves[k].Name], actual = gradients[k] is { } gradient ? Rms(gradient) : 0;
            double allowed = ((question.GradientTolerance ?? Tolerance) * expected) + (1e-5 * largest);
            double difference = Math.Abs(actual - expected);
            if (!(difference <= allowed)) faults.Add($"gradient of {leaves[k].Name}: rms {actual:G6}, official {expected:G6}");
            double error = difference == 0 ? 0 : Tolerance * difference / Math.Max(allowed, 1e-300);
            if (!(error <= worst)) worst = error;
        }

        return worst;
    }

    private static double Rms(Tensor tensor)
    {
        using var scope = new TensorScope();
        if (tensor.Elements == 0) return 0;
        var values = tensor.Detach().To(DType.Float64);
        return (values * values).Mean().Sqrt().Item<double>();
    }
}
