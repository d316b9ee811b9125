using System.Collections.Concurrent;
using System.Diagnostics;
using Spectre.Console;

namespace Sconce.Cli.Progress;

/// <summary>
/// Shows on the error stream how far work has come, once it has taken a second: a live bar where a person watches, else a plain
/// line, every ten seconds in the first minute and then every minute. A thread of its own draws, so reports cost their caller nothing.
/// </summary>
internal sealed class ProgressDisplay : IProgress<WorkProgress>, IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    private readonly ManualResetEventSlim finished = new();
    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly TimeLeft timeLeft = new();
    private readonly Terminal terminal;
    private readonly string title;
    private readonly Thread drawer;
    private readonly ConcurrentQueue<string> said = new();
    private volatile WorkProgress? latest;

    public ProgressDisplay(Terminal terminal, string title)
    {
        (this.terminal, this.title) = (terminal, title);
        drawer = new Thread(Draw) { IsBackground = true, Name = "progress" };
        drawer.Start();
    }

    /// <inheritdoc/>
    public void Report(WorkProgress value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Remark is { } remark) Say($"{title}: {remark}");
        else latest = value;
    }

    /// <summary>Says something that stays, above the bar where there is one.</summary>
    public void Say(string line)
    {
        if (terminal.ErrorIsTerminal) said.Enqueue(line);
        else terminal.Note(line);
    }

    /// <summary>Takes the bar away.</summary>
    public void Dispose()
    {
        if (finished.IsSet) return;
        finished.Set();
        drawer.Join();
        while (said.TryDequeue(out string? line)) terminal.Note(line);
    }

    /// <summary>When the next plain line is due.</summary>
    internal static TimeSpan Pause(TimeSpan elapsed) =>
        elapsed < TimeSpan.FromMinutes(1) ? TimeSpan.FromSeconds(10) : TimeSpan.FromMinutes(1);

    private void Draw()
    {
        if (finished.Wait(Quiet)) return;
        if (terminal.ErrorIsTerminal) DrawBar();
        else WriteLines();
    }

    private void WriteLines()
    {
        do terminal.Note(ProgressLine.Format(title, latest, clock.Elapsed, Left()));
        while (!finished.Wait(Pause(clock.Elapsed)));
    }

    private void DrawBar()
    {
        var state = new TextColumn();
        var console = terminal.Live();
        console.Progress().AutoClear(true).HideCompleted(false)
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 },
                new PercentageColumn(), state)
            .Start(drawn =>
            {
                var task = drawn.AddTask(Markup.Escape(title), maxValue: 1);
                do
                {
                    while (said.TryDequeue(out string? line)) console.WriteLine(line);
                    var work = latest;
                    task.IsIndeterminate = work is not { Total: > 0 };
                    if (work is null) continue;
                    task.Description = Markup.Escape(work.Stage.Length > 0 ? $"{title}: {work.Stage}" : title);
                    task.Value = Math.Min(ProgressLine.Share(work), 0.9999);    // a task that is full stops its spinner
                    state.Text = string.Join(", ", new[] { Left() is { } left ? $"{Reports.ClaimFigures.Words(left)} left" : "",
                        work.Detail }.Where(part => part.Length > 0));
                }
                while (!finished.Wait(100));
            });
    }

    private TimeSpan? Left() => latest is { } work ? timeLeft.Estimate(work, clock.Elapsed) : null;
}
