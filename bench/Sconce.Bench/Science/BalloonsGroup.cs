using System.Diagnostics;
using System.Globalization;
using Sconce.Systems.Control.Loon;

namespace Sconce.Bench.Science;

/// <summary>Steps of agents a second in the balloon simulator, a flock a thread: the physics alone, and the whole environment.</summary>
internal sealed class BalloonsGroup : BenchGroup
{
    internal override string Name => "balloons";

    internal override string About => "agent steps a second of the balloon simulator: the physics, and with all 1,099 features";

    internal override void Measure(BenchTable table)
    {
        foreach (var (what, title, asked) in ((string, string, string)[])[
            ("physics", "the physics (18 inner steps each)", "100,000 on two cores"),
            ("whole", "with wind and 1,099 features", "1,000 on two cores")])
        {
            var run = Enumerable.Range(0, 3).Select(_ => BenchTable.Own(Name, what)).OrderBy(run => run.Seconds).ElementAt(1);
            table.Figure($"balloons, {BenchTable.Threads} threads, {title}",
                string.Create(CultureInfo.InvariantCulture, $"{1 / run.Seconds:N0} agent steps/s"), asked, run);
        }
    }

    internal override Measured Work(string[] task)
    {
        int threads = int.Parse(BenchTable.Threads, CultureInfo.InvariantCulture);
        Action<int> fly = task[0] switch
        {
            "physics" => Physics,
            "whole" => Whole,
            _ => throw Unknown(task),
        };
        int steps = task[0] == "physics" ? 96_000 : 1_920;
        fly(960); // compiled
        long start = Stopwatch.GetTimestamp();
        Thread[] flocks = [.. Enumerable.Range(0, threads).Select(_ => new Thread(() => fly(steps)))];
        foreach (var flock in flocks) flock.Start();
        foreach (var flock in flocks) flock.Join();
        return new Measured { Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds / ((double)steps * threads) };
    }

    /// <summary>Balloons in a steady wind, commands drawn; a new one where one is lost or a day and a half are over.</summary>
    private static void Physics(int steps)
    {
        var random = new Random(1);
        var atmosphere = new Atmosphere(0.4);
        var launch = new BalloonLaunch(20e3, -30e3, 8000, 3, 40, new DateTime(2012, 6, 1, 9, 0, 0, DateTimeKind.Utc));
        var balloon = new Balloon(new BalloonDesign(), atmosphere, launch);
        var wind = new WindVector(4, -2);
        for (int k = 0; k < steps; k++)
        {
            if (balloon.Status != BalloonStatus.Flying || k % 720 == 0) balloon = new Balloon(new BalloonDesign(), atmosphere, launch);
            balloon.Step((BalloonCommand)random.Next(3), wind);
        }
    }

    private static void Whole(int steps)
    {
        var random = new Random(1);
        var world = new LoonEnvironment();
        var seen = new float[world.Observations];
        for (int k = 0; k < steps; k++)
        {
            world.Observe(seen);
            if (world.Step(random.Next(3)).Stops) world.Reset(k);
        }
    }
}
