using System.Diagnostics;

namespace Sconce.Bench.Serving;

/// <summary>Clients that each ask, wait for the answer and ask again, for a while.</summary>
internal static class ClosedLoad
{
    private static readonly TimeSpan Warming = TimeSpan.FromSeconds(4), Lasting = TimeSpan.FromSeconds(16);

    /// <summary>The seconds that a request takes in the house, all clients together, and the 99th of 100 waits of a client.</summary>
    internal static Measured Run(string side, string kind, string network, string folder, int clients, int questions)
    {
        byte[][] bodies = ServingFiles.Bodies(kind, network, folder, questions);
        using var server = new ServerProcess(side, kind, network, folder);
        ServerProcess.Question[] asked = [.. bodies.Select(server.Made)];
        var answers = new List<double>();
        foreach (var question in asked) answers.AddRange(Told(server.Ask(question).GetAwaiter().GetResult()));
        Ask(server, asked, clients, Warming);
        long began = Stopwatch.GetTimestamp();
        double[] waits = Ask(server, asked, clients, Lasting);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Array.Sort(waits);
        return new Measured
        {
            Seconds = seconds / waits.Length,
            P99 = waits[(int)Math.Ceiling(0.99 * waits.Length) - 1],
            Losses = [.. answers],
            PeakKilobytes = server.Peak,
        };
    }

    private static double[] Ask(ServerProcess server, ServerProcess.Question[] asked, int clients, TimeSpan lasting)
    {
        long began = Stopwatch.GetTimestamp();
        var all = Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            var waits = new List<double>();
            for (int k = client; Stopwatch.GetElapsedTime(began) < lasting; k++)
            {
                long start = Stopwatch.GetTimestamp();
                await server.Ask(asked[k % asked.Length]);
                waits.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }

            return waits;
        }));
        return [.. all.GetAwaiter().GetResult().SelectMany(waits => waits)];
    }

    /// <summary>The first numbers of an answer, in units of their size.</summary>
    private static IEnumerable<double> Told(double[] answer)
    {
        double size = Math.Sqrt(answer.Average(value => value * value));
        return answer.Take(16).Select(value => value / size);
    }
}
