using System.Diagnostics;
using System.Text.Json;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Export;

/// <summary>ONNX Runtime through Node.js (<c>tests/onnx</c>), the judge of exported networks; tests skip where Node.js or npm is not there.</summary>
internal static class OnnxRuntime
{
    private static readonly Lazy<string?> Missing = new(Prepare);

    private static string Folder { get; } = Find();

    /// <summary>Skips the test where ONNX Runtime can not be had.</summary>
    public static void Require() => Assert.SkipWhen(Missing.Value is not null, Missing.Value ?? "");

    /// <summary>Runs a model once for each set of inputs.</summary>
    /// <param name="model">The file.</param>
    /// <param name="inputs">Tensors by name, a dictionary a run.</param>
    /// <param name="outputs">Names.</param>
    /// <returns>The answers in float64, a list a run.</returns>
    public static IReadOnlyList<IReadOnlyList<Tensor>> Run(string model, IReadOnlyList<IReadOnlyDictionary<string, Tensor>> inputs, params IReadOnlyList<string> outputs)
    {
        Require();
        string folder = Directory.CreateTempSubdirectory("sconce-onnx-").FullName;
        try
        {
            using var text = new MemoryStream();
            using (var json = new Utf8JsonWriter(text)) WriteRuns(json, folder, inputs, outputs);
            string runs = Path.Combine(folder, "runs.json");
            File.WriteAllBytes(runs, text.ToArray());
            var (status, output, error) = Execute("node", "run.mjs", model, runs);
            Assert.True(status == 0, $"ONNX Runtime refuses {model}: {error}");
            var shapes = JsonDocument.Parse(output).RootElement;
            return [.. inputs.Select((_, run) => outputs.Select((_, k) => Read(shapes[run][k], Path.Combine(folder, $"out-{run}-{k}"))).ToList())];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WriteRuns(Utf8JsonWriter json, string folder, IReadOnlyList<IReadOnlyDictionary<string, Tensor>> inputs, IReadOnlyList<string> outputs)
    {
        json.WriteStartArray();
        for (int run = 0; run < inputs.Count; run++)
        {
            json.WriteStartObject();
            json.WriteStartArray("inputs");
            int k = 0;
            foreach (var (name, tensor) in inputs[run])
            {
                string file = Path.Combine(folder, $"in-{run}-{k++}");
                File.WriteAllBytes(file, tensor.Contiguous().AsBytes().ToArray());
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("type", tensor.DType.TorchName().Replace("torch.", "", StringComparison.Ordinal));
                json.WriteStartArray("dims");
                foreach (long size in tensor.Shape) json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteString("file", file);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("outputs");
            for (int output = 0; output < outputs.Count; output++)
            {
                json.WriteStartObject();
                json.WriteString("name", outputs[output]);
                json.WriteString("file", Path.Combine(folder, $"out-{run}-{output}"));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static Tensor Read(JsonElement shape, string file)
    {
        var type = shape[0].GetString() switch { "float32" => DType.Float32, "float64" => DType.Float64, "int64" => DType.Int64, "int32" => DType.Int32, "bool" => DType.Bool, var other => throw new InvalidDataException($"an answer of type {other}") };
        return Tensor.FromBytes(File.ReadAllBytes(file), [.. shape.EnumerateArray().Skip(1).Select(size => size.GetInt64())], type);
    }

    private static string? Prepare()
    {
        if (Folder.Length == 0) return "tests/onnx is not here";
        if (Try("node", "--version") is not 0) return "there is no node (apt install nodejs npm)";
        if (Directory.Exists(Path.Combine(Folder, "node_modules", "onnxruntime-node"))) return null;
        // Without scripts: onnxruntime-node's would download CUDA's libraries.
        return Try("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund") is 0 ? null : "npm can not install tests/onnx (npm ci --ignore-scripts)";
    }

    private static int? Try(string command, params string[] arguments)
    {
        try
        {
            return Execute(command, arguments).Status;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static (int Status, string Output, string Error) Execute(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Folder })!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    private static string Find()
    {
        for (var up = new DirectoryInfo(AppContext.BaseDirectory); up is not null; up = up.Parent)
        {
            string folder = Path.Combine(up.FullName, "tests", "onnx");
            if (File.Exists(Path.Combine(folder, "run.mjs"))) return folder;
        }

        return "";
    }
}
