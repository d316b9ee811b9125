using Sconce.Training;

namespace Sconce.Cli.Output;

/// <summary>What a run is, in <c>show RUN --json</c>.</summary>
internal sealed record RunJson(
    string Run, string Network, string Method, IReadOnlyDictionary<string, string> Settings, IReadOnlyList<string>? Classes, int? Size,
    int Epochs, long Steps, bool Finished, EvaluationJson? Best)
{
    public static RunJson Of(string folder, RunOverview run) => new(
        folder, run.Configuration.Network, run.Configuration.Method,
        run.Changed.ToDictionary(setting => setting.Name, setting => setting.Value),
        run.Configuration.Classes, run.Configuration.ImageSize, run.Progress?.Epoch ?? 0,
        run.Progress?.Step ?? 0, run.Progress?.Finished ?? false,
        run.Progress?.Best is { } best ? EvaluationJson.Of(best) : null);
}
