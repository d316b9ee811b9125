using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using Sconce.Torch;
using Xunit;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Sconce.Tests.Export;

/// <summary>ONNX Runtime (NuGet), the judge of exported networks; tests skip on a platform that it has no library for.</summary>
internal static class OnnxRuntime
{
    private static readonly Lazy<string?> Missing = new(Prepare);

    /// <summary>Skips the test where ONNX Runtime cannot be had.</summary>
    public static void Require() => Assert.SkipWhen(Missing.Value is not null, Missing.Value ?? "");

    /// <summary>Runs a model once for each set of inputs.</summary>
    /// <param name="model">The file.</param>
    /// <param name="inputs">Tensors by name, a dictionary a run.</param>
    /// <param name="outputs">Names.</param>
    /// <returns>The answers, a list a run.</returns>
    public static IReadOnlyList<IReadOnlyList<Tensor>> Run(
        string model, IReadOnlyList<IReadOnlyDictionary<string, Tensor>> inputs, params IReadOnlyList<string> outputs)
    {
        Require();
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR
        };
        using var session = new InferenceSession(model, options);
        return [.. inputs.Select(run => Run(session, run, outputs))];
    }

    /// <summary>The kinds of operators that one run of a model consists of, after ONNX Runtime has put together what it can.</summary>
    /// <param name="model">The file; beside it stands the profile for a moment.</param>
    /// <param name="inputs">Tensors by name.</param>
    /// <param name="outputs">Names.</param>
    public static IReadOnlyList<string> Operators(
        string model, IReadOnlyDictionary<string, Tensor> inputs, params IReadOnlyList<string> outputs)
    {
        Require();
        using var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            EnableProfiling = true,
            ProfileOutputPathPrefix = model + ".profile",
        };
        using var session = new InferenceSession(model, options);
        foreach (var answer in Run(session, inputs, outputs)) answer.Dispose();
        string profile = session.EndProfiling();
        using var events = JsonDocument.Parse(File.ReadAllBytes(profile));
        File.Delete(profile);
        return [.. events.RootElement.EnumerateArray()
            .Where(step => step.GetProperty("name").GetString()!.EndsWith("_kernel_time", StringComparison.Ordinal))
            .Select(step => step.GetProperty("args").GetProperty("op_name").GetString()!)];
    }

    private static List<Tensor> Run(InferenceSession session, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<string> outputs)
    {
        OrtValue[] given = [.. inputs.Values.Select(Given)];
        try
        {
            using var settings = new RunOptions();
            using var answers = session.Run(settings, [.. inputs.Keys], given, [.. outputs]);
            return [.. answers.Select(Answer)];
        }
        finally
        {
            foreach (var value in given) value.Dispose();
        }
    }

    private static OrtValue Given(Tensor tensor)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TypeOf(tensor.DType), tensor.Shape.ToArray());
        tensor.Contiguous().AsBytes().CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static Tensor Answer(OrtValue value)
    {
        var described = value.GetTensorTypeAndShape();
        var type = described.ElementDataType switch
        {
            TensorElementType.Float => DType.Float32,
            TensorElementType.Double => DType.Float64,
            TensorElementType.Int64 => DType.Int64,
            TensorElementType.Int32 => DType.Int32,
            TensorElementType.Bool => DType.Bool,
            var other => throw new InvalidDataException($"an answer of type {other}"),
        };
        return Tensor.FromBytes(value.GetTensorMutableRawData().ToArray(), described.Shape, type);
    }

    private static TensorElementType TypeOf(DType type) => type switch
    {
        DType.Float32 => TensorElementType.Float,
        DType.Float64 => TensorElementType.Double,
        DType.Int64 => TensorElementType.Int64,
        DType.Int32 => TensorElementType.Int32,
        DType.Bool => TensorElementType.Bool,
        _ => throw new InvalidDataException($"an input of type {type}"),
    };

    private static string? Prepare()
    {
        try
        {
            _ = OrtEnv.Instance().GetVersionString();
            return null;
        }
        catch (Exception fault) when (fault is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            return $"ONNX Runtime has no library for {RuntimeInformation.RuntimeIdentifier} ({fault.GetBaseException().Message})";
        }
    }
}
