using Sconce.Cli.Output;
using Sconce.Reports;
using Sconce.Training;

namespace Sconce.Cli.Commands;

/// <summary>Writes what a run is: its network, how it learned, and how well.</summary>
internal static class RunView
{
    private const int MostClasses = 20;

    public static void Write(CommandContext context, string folder, bool json)
    {
        var run = RunOverview.Read(folder, context.Methods);
        if (json) context.Terminal.WriteJson(RunJson.Of(folder, run), CliJson.Readable.RunJson);
        else WriteText(context.Terminal, folder, run);
    }

    private static void WriteText(Terminal terminal, string folder, RunOverview run)
    {
        terminal.Write(Columns.Heading(folder));
        terminal.Write(Columns.Facts(
        [
            ("network", run.Configuration.Network),
            ("method", $"{run.Method.Name}: {run.Method.Purpose}"),
            ("classes", Classes(run.Configuration.Classes ?? [])),
            ("size", run.Configuration.ImageSize is { } side ? $"{side}" : ""),
            ("stands at", Standing(run)),
            ("best", run.Progress?.Best is { } best ? Best(best) : ""),
            .. run.Method.Facts(folder),
        ]));
        if (run.Changed.Count > 0)
        {
            terminal.Write(Columns.Line());
            terminal.Write(Columns.Heading("Settings that are not the defaults"));
            terminal.Write(Columns.Facts(run.Changed.Select(setting =>
                ("--" + Setting.KebabOf(setting.Name), setting.Value.Length > 0 ? setting.Value : "none"))));
        }

        terminal.Write(Columns.Line());
        terminal.Write(Columns.Line($"sconce show {run.Configuration.Network}"));
    }

    private static string Classes(IReadOnlyList<string> names) => names.Count == 0
        ? ""
        : $"{names.Count}: {string.Join(", ", names.Take(MostClasses))}{(names.Count > MostClasses ? " …" : "")}";

    private static string Standing(RunOverview run) => run.Progress is not { } progress
        ? "the beginning: there is no checkpoint yet"
        : $"epoch {progress.Epoch}, step {progress.Step}{(progress.Finished ? ", and is over" : "")}";

    private static string Best(Evaluation best) =>
        $"{string.Join(", ", best.Figures.Select(figure => $"{figure.Key} {ClaimFigures.Number(figure.Value)}"))} after epoch {best.Epoch}";
}
