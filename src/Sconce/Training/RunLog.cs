using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Sconce.Training;

/// <summary>What is known of one step.</summary>
/// <param name="Step">Steps done, from 1.</param>
/// <param name="Epoch">Its epoch, from 0.</param>
/// <param name="Loss">The mean loss of its batches, before the step; NaN where nobody learned.</param>
/// <param name="Rate">The learning rate of the first player.</param>
/// <param name="GradientNorm">The norm of the first update's gradients together, before clipping; NaN where nobody learned.</param>
/// <param name="ExamplesPerSecond">Of late.</param>
/// <param name="Seconds">Since the run began, waiting between its processes not counted.</param>
public sealed record StepReport(long Step, int Epoch, double Loss, double Rate, double GradientNorm,
    double ExamplesPerSecond, double Seconds)
{
    /// <summary>What else the program reported, and the players' losses where there are several.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = NoFigures;

    private static IReadOnlyDictionary<string, double> NoFigures { get; } = new Dictionary<string, double>();
}

/// <summary><c>log.jsonl</c>: a JSON object a line, one a step and one an evaluation. Each line is with the system before the next step
/// begins.</summary>
internal sealed class RunLog : IDisposable
{
    private static readonly JsonWriterOptions Settings = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly FileStream file;

    /// <summary>Opens the file and cuts off what is beyond <paramref name="length"/>, which a run that was killed wrote after its last
    /// checkpoint.</summary>
    public RunLog(string path, long length)
    {
        file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (file.Length > length) file.SetLength(length);
        file.Seek(0, SeekOrigin.End);
    }

    /// <summary>Bytes written so far.</summary>
    public long Length => file.Length;

    /// <summary>Waits until the disk has it.</summary>
    public void FlushToDisk() => file.Flush(flushToDisk: true);

    public void Write(StepReport report) => Line(json =>
    {
        json.WriteNumber("step", report.Step);
        json.WriteNumber("epoch", report.Epoch);
        Number(json, "loss", report.Loss);
        Number(json, "rate", report.Rate);
        Number(json, "gradientNorm", report.GradientNorm);
        Number(json, "imagesPerSecond", Math.Round(report.ExamplesPerSecond, 1));
        Number(json, "seconds", Math.Round(report.Seconds, 3));
        if (report.Figures.Count == 0) return;
        json.WriteStartObject("figures");
        foreach (var (name, value) in report.Figures) Number(json, name, value);
        json.WriteEndObject();
    });

    public void Write(Evaluation evaluation) => Line(json =>
    {
        json.WriteNumber("step", evaluation.Step);
        json.WriteNumber("epoch", evaluation.Epoch);
        Number(json, "trainLoss", evaluation.TrainLoss);
        json.WriteStartObject("evaluation");
        foreach (var (name, value) in evaluation.Figures) Number(json, name, value);
        json.WriteEndObject();
    });

    public void Dispose() => file.Dispose();

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    private void Line(Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Settings))
        {
            json.WriteStartObject();
            content(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        file.Write(buffer.WrittenSpan);
        file.Flush();
    }
}
