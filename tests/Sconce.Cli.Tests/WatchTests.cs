using System.Diagnostics;
using System.Text.Json;
using Sconce.Abilities;
using Sconce.Cli.Verbs;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary><c>--watch</c>: folders that grow.</summary>
public class WatchTests
{
    [Fact]
    public void A_file_is_told_once_it_has_stayed_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var clock = new ManualClock();
        var watched = Watching(folder, clock);
        string file = folder.File("a.png", "1");
        Assert.Empty(watched.Look());
        clock.Pass(WatchedFolders.Settled);
        folder.File("a.png", "12");   // still being written
        Assert.Empty(watched.Look());
        clock.Pass(WatchedFolders.Settled);
        Assert.Equal([file], watched.Look());
        watched.Done(file);
        clock.Pass(WatchedFolders.Settled);
        Assert.Empty(watched.Look());
    }

    [Fact]
    public void A_file_that_is_written_anew_is_told_again()
    {
        using var folder = new TemporaryFolder();
        var clock = new ManualClock();
        var watched = Watching(folder, clock);
        string file = folder.File("latest.png", "1");
        watched.Look();
        clock.Pass(WatchedFolders.Settled);
        watched.Look();
        watched.Done(file);
        folder.File("latest.png", "another");
        Assert.Empty(watched.Look());
        clock.Pass(WatchedFolders.Settled);
        Assert.Equal([file], watched.Look());
    }

    [Fact]
    public void Files_are_told_in_the_order_of_their_last_change_and_what_is_wanted_alone()
    {
        using var folder = new TemporaryFolder();
        var clock = new ManualClock();
        var watched = Watching(folder, clock);
        string later = Written("a.png", 2), same = Written("c.png", 1), first = Written("b.png", 1);
        Written("note.txt", 0);
        Written(".hidden.png", 0);
        watched.Look();
        clock.Pass(WatchedFolders.Settled);
        Assert.Equal([first, same, later], watched.Look());

        string Written(string name, int minute)
        {
            string file = folder.File(name, "1");
            File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1, 0, minute, 0, DateTimeKind.Utc));
            return file;
        }
    }

    [Fact]
    public void What_is_known_is_not_told_until_it_is_changed()
    {
        using var folder = new TemporaryFolder();
        var clock = new ManualClock();
        var watched = Watching(folder, clock);
        string old = folder.File("old.png", "1"), fresh = folder.File("new.png", "1");
        watched.Look(new HashSet<string> { old });
        clock.Pass(WatchedFolders.Settled);
        Assert.Equal([fresh], watched.Look());
        folder.File("old.png", "another");
        watched.Look();
        clock.Pass(WatchedFolders.Settled);
        Assert.Contains(old, watched.Look());
    }

    [Fact]
    public void A_folder_that_goes_away_is_said_once_and_what_was_done_of_it_is_remembered()
    {
        using var folder = new TemporaryFolder();
        string camera = Path.Combine(folder.Path, "camera"), away = Path.Combine(folder.Path, "away");
        Directory.CreateDirectory(camera);
        string file = folder.File("camera/a.png", "1");
        var clock = new ManualClock();
        var notes = new List<string>();
        var watched = new WatchedFolders([camera], InputKind.Picture.Fits, clock, notes.Add);
        watched.Look();
        watched.Done(file);
        Directory.Move(camera, away);
        watched.Look();
        watched.Look();
        Assert.Contains(camera, Assert.Single(notes));
        Directory.Move(away, camera);
        watched.Look();
        clock.Pass(WatchedFolders.Settled);
        Assert.Empty(watched.Look());
        Assert.Equal($"{camera} can be read again", notes[1]);
    }

    [Fact]
    public async Task Pictures_that_are_there_and_that_come_are_answered_a_line_each_and_Ctrl_C_is_a_good_end()
    {
        using var folder = new TemporaryFolder();
        string camera = Path.Combine(folder.Path, "camera"), table = Path.Combine(folder.Path, "answers.csv");
        Directory.CreateDirectory(camera);
        Save(camera, "1.png");
        using var process = CommandLine.Start(folder.Path, null, "classify", "alpha", "camera", "--watch", "--labels", "x", "--json",
            "--csv", table);
        Assert.Equal("camera/1.png", await Next(process));
        Save(camera, "2.png");
        Assert.Equal("camera/2.png", await Next(process));
        Assert.Equal((0, "sconce: watched camera until it was stopped: 2 answered, 0 given up"), await Stopped(process));
        Assert.Equal("input,label,confidence\ncamera/1.png,x,1\ncamera/2.png,x,1\n", File.ReadAllText(table));

        // The next watch goes on behind what the table has.
        using var again = CommandLine.Start(folder.Path, null, "classify", "alpha", "camera", "--watch", "--labels", "x", "--json",
            "--csv", table);
        Save(camera, "3.png");
        Assert.Equal("camera/3.png", await Next(again));
        Assert.Equal(0, (await Stopped(again)).Status);
        Assert.Equal(4, File.ReadAllLines(table).Length);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 0)]
    public async Task A_picture_that_stays_broken_is_given_up_and_the_watch_goes_on(bool skips, int status)
    {
        using var folder = new TemporaryFolder();
        folder.File("broken.png", "no picture");
        string[] words = ["classify", "alpha", ".", "--watch", "--give-up", "0", "--labels", "x", "--json"];
        using var process = CommandLine.Start(folder.Path, null, [.. words, .. skips ? ["--skip-broken"] : (string[])[]]);
        string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Contains("unchanged for 0 s, it is given up", line);
        Save(folder.Path, "whole.png");
        Assert.Equal("./whole.png", await Next(process));
        Assert.Equal((status, "sconce: watched . until it was stopped: 1 answered, 1 given up"), await Stopped(process));
    }

    [Fact]
    public void A_table_of_other_columns_is_not_appended_to_and_a_torn_row_stays_a_row()
    {
        using var folder = new TemporaryFolder();
        string other = folder.File("other.csv", "name,grade\na,1\n"), torn = folder.File("torn.csv", "input,text\na.png,x\nb.pn");
        Assert.Contains("'name'", Assert.Throws<UsageException>(() => new AppendedTable(other, TextWriter.Null)).Message);
        using (var table = new AppendedTable(torn, TextWriter.Null))
        {
            Assert.Equal(["a.png"], table.Inputs);
            table.Append("c.png", new MadeText("y"));
            Assert.Contains("label", Assert.Throws<UsageException>(() => table.Append("c.png", new Labels([new Label("z", 1)]))).Message);
        }

        Assert.Equal("input,text\na.png,x\nb.pn\nc.png,y\n", File.ReadAllText(torn));
    }

    [Fact]
    public void Files_of_an_earlier_watch_are_kept()
    {
        using var folder = new TemporaryFolder();
        string old = folder.File("a-heat.png", "old");
        for (int k = 2; k < 4; k++)
        {
            string path = new AnswerPlaces(folder.Path, several: true, keeps: true).Of("camera/a.jpg", "heat", ".png");
            Assert.Equal(Path.Combine(folder.Path, $"a-heat-{k}.png"), path);
            File.WriteAllText(path, "new");
        }

        Assert.Equal("old", File.ReadAllText(old));
    }

    [Theory]
    [InlineData("which folder", "--watch")]
    [InlineData("a file", "1.png", "--watch")]
    [InlineData("neither --list nor --part", ".", "--watch", "--part", "test")]
    [InlineData("is watched", ".", "--watch", "--out", ".")]
    [InlineData("one file", ".", "--watch", "--out", "all.json")]
    [InlineData("--give-up goes with --watch", "1.png", "--give-up", "3")]
    [InlineData("not 'soon'", ".", "--watch", "--give-up", "soon")]
    public void A_watch_that_cannot_be_is_told_at_once(string fault, params string[] words)
    {
        using var folder = new TemporaryFolder();
        Save(folder.Path, "1.png");
        using var process = CommandLine.Start(folder.Path, null, ["classify", "alpha", .. words, "--labels", "x"]);
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(2, process.ExitCode);
        Assert.Contains(fault, error);
    }

    private static WatchedFolders Watching(TemporaryFolder folder, ManualClock clock) =>
        new([folder.Path], InputKind.Picture.Fits, clock, _ => { });

    private static void Save(string folder, string name) => new Image(4, 4).Save(Path.Combine(folder, name));

    private static async Task<string?> Next(Process process)
    {
        string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return JsonDocument.Parse(line!).RootElement.GetProperty("input").GetString();
    }

    /// <summary>Ends it as a person does.</summary>
    /// <returns>The exit status, and its last words.</returns>
    private static async Task<(int Status, string Last)> Stopped(Process process)
    {
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        string[] lines = (await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)).TrimEnd('\n').Split('\n');
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, lines[^1]);
    }

    private sealed class ManualClock : TimeProvider
    {
        private long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public void Pass(TimeSpan time) => now += time.Ticks;
    }
}
