using System.Text.Json;
using Sconce.Files;

namespace Sconce.Training;

/// <summary>What a run's log says, for curves: <c>log.jsonl</c> read back.</summary>
/// <param name="Steps">Every step's numbers.</param>
/// <param name="Evaluations">Every evaluation's.</param>
public sealed record RunHistory(IReadOnlyList<StepReport> Steps, IReadOnlyList<Evaluation> Evaluations)
{
    /// <summary>Reads a run's log; a last line that is cut off is left out, since a run may be writing it.</summary>
    /// <param name="folder">The run's.</param>
    /// <exception cref="InvalidDataException">A line before the last is none of a run's; the message names file and line.</exception>
    public static RunHistory Read(string folder)
    {
        string path = Path.Combine(folder, RunFolder.LogName);
        List<StepReport> steps = [];
        List<Evaluation> evaluations = [];
        if (!File.Exists(path)) return new RunHistory(steps, evaluations);
        using var lines = RegularFile.ReadLines(path).GetEnumerator();
        int number = 0;
        bool isThere = lines.MoveNext();
        while (isThere)
        {
            string line = lines.Current;
            number++;
            isThere = lines.MoveNext();
            try
            {
                using var document = JsonDocument.Parse(line);
                Add(document.RootElement);
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
            {
                if (isThere) throw new InvalidDataException($"{path}, line {number}: this is no line of a run's log: {error.Message}",
                    error);
            }
        }

        return new RunHistory(steps, evaluations);

        void Add(JsonElement line)
        {
            long step = line.GetProperty("step").GetInt64();
            int epoch = line.GetProperty("epoch").GetInt32();
            if (line.TryGetProperty("evaluation", out var figures))
            {
                evaluations.Add(new Evaluation(epoch, step, Number(line, "trainLoss"), Figures(figures)));
                return;
            }

            steps.Add(new StepReport(
                step, epoch, Number(line, "loss"), Number(line, "rate"), Number(line, "gradientNorm"), Number(line, "imagesPerSecond"),
                    Number(line, "seconds"))
            {
                Figures = line.TryGetProperty("figures", out var own) ? Figures(own) : new Dictionary<string, double>(),
            });
        }
    }

    private static double Number(JsonElement line, string name) =>
        line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;

    private static Dictionary<string, double> Figures(JsonElement figures) => figures.EnumerateObject().ToDictionary(
        figure => figure.Name, figure => figure.Value.ValueKind == JsonValueKind.Number ? figure.Value.GetDouble() : double.NaN);
}
