using System.Collections.Concurrent;
using System.Text.Json;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>The queue in front of a session: its bound, its batches, its neighbours, its end.</summary>
public sealed class QueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_question_too_many_is_refused_with_a_time_to_come_back()
    {
        await using var server = await TestServer.Start(new ServerSettings { Queue = 3, Batch = 1 });
        Gate.Close();
        try
        {
            var first = server.Ask("/classify/fakes", TestServer.Text("0"));
            await Until(() => Gate.Entered == 1);
            var waiting = Enumerable.Range(1, 3).Select(k => server.Ask("/classify/fakes", TestServer.Text($"{k}"))).ToList();
            await Until(async () => (await server.Get("/metrics")).Contains("verb=\"classify\",name=\"fakes\"} 3", StringComparison.Ordinal)
                || (await server.Get("/metrics")).Split('\n').Any(line => line.StartsWith("sconce_queue_depth", StringComparison.Ordinal)
                    && line.Contains("fakes", StringComparison.Ordinal) && line.Contains("classify", StringComparison.Ordinal)
                        && line.Contains("} 3", StringComparison.Ordinal)));
            using var refused = await server.Client.PostAsync("/classify/fakes", TestServer.Text("one too many"), Cancellation);
            Assert.Equal(429, (int)refused.StatusCode);
            Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
            Gate.OpenAll();
            Assert.Equal(200, (await first).Status);
            foreach (var one in waiting) Assert.Equal(200, (await one).Status);
        }
        finally
        {
            Gate.OpenAll();
        }
    }

    [Fact]
    public async Task A_bad_question_harms_none_of_its_neighbours()
    {
        await using var server = await TestServer.Start();
        Gate.Close();
        try
        {
            var first = server.Ask("/classify/fakes", TestServer.Text("first"));
            await Until(() => Gate.Entered == 1);
            string[] words = ["one", "bad two", "worse three", "four"];
            var asked = words.Select(word => server.Ask("/classify/fakes", TestServer.Text(word))).ToList();
            await Task.Delay(200, Cancellation);
            Gate.OpenAll();
            await first;
            int[] statuses = [.. (await Task.WhenAll(asked)).Select(answer => answer.Status)];
            Assert.Equal([200, 422, 500, 200], statuses);
            Assert.Equal("four", (await asked[3]).Json.GetProperty("text").GetString());
            Assert.DoesNotContain("InvalidOperation", (await asked[2]).Json.GetProperty("error").GetString());
        }
        finally
        {
            Gate.OpenAll();
        }
    }

    [Fact]
    public async Task A_client_that_goes_leaves_the_queue_and_a_deadline_is_kept()
    {
        await using var server = await TestServer.Start(new ServerSettings { Deadline = 3, Batch = 1 });
        Gate.Close();
        try
        {
            var late = server.Ask("/classify/fakes", TestServer.Text("late"));
            await Until(() => Gate.Entered == 1);
            using var leaving = new CancellationTokenSource();
            var gone = server.Client.PostAsync("/classify/fakes", TestServer.Text("gone"), leaving.Token);
            await Task.Delay(100, Cancellation);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
            Assert.Equal(504, (await late).Status);
            Gate.OpenAll();
            Assert.Equal(200, (await server.Ask("/classify/fakes", TestServer.Text("next"))).Status);
            Assert.Equal(2, Gate.Entered);   // the one that went was never asked
        }
        finally
        {
            Gate.OpenAll();
        }
    }

    [Fact]
    public async Task Under_load_every_answer_is_its_own_questions()
    {
        bool isSlow = Environment.GetEnvironmentVariable("SCONCE_SLOW") == "1";
        int requests = isSlow ? 10_000 : 400, clients = 16;
        await using var server = await TestServer.Start(new ServerSettings { Queue = 8 });
        byte[][] pictures = [.. Enumerable.Range(0, 8).Select(k => TestServer.Png(k))];
        double[] expected = new double[pictures.Length];
        for (int k = 0; k < pictures.Length; k++) expected[k] =
            First((await server.Ask("/classify/tiny_net", TestServer.File(pictures[k]))).Json);
        var statuses = new ConcurrentBag<int>();
        double furthest = 0;
        await Ask(0, requests / 10);
        long before = Settled();
        await Ask(requests / 10, requests);
        Assert.InRange(Settled() - before, long.MinValue, 100L << 20);
        Assert.All(statuses, status => Assert.True(status is 200 or 429, $"{status}"));
        Assert.Contains(200, statuses);
        Assert.InRange(furthest, 0, 1e-6);
        string metrics = await server.Get("/metrics");
        Assert.Contains("sconce_requests_total", metrics);
        Assert.Contains("sconce_batch_size_bucket", metrics);

        Task Ask(int from, int to) => Parallel.ForAsync(from, to,
            new ParallelOptions { MaxDegreeOfParallelism = clients, CancellationToken = Cancellation }, async (k, _) =>
        {
            var (status, json) = await server.Ask("/classify/tiny_net", TestServer.File(pictures[k % pictures.Length]));
            statuses.Add(status);
            if (status != 200) return;
            double apart = Math.Abs(First(json) - expected[k % pictures.Length]);
            lock (statuses) furthest = Math.Max(furthest, apart);
        });

        // What is kept, not what the collector has yet to look at: how much it leaves lying is the machine's affair.
        static long Settled()
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            return Environment.WorkingSet;
        }
    }

    [Fact]
    public async Task What_was_taken_on_is_finished_and_newcomers_are_refused_while_it_stops()
    {
        await using var server = await TestServer.Start();
        Gate.Close();
        try
        {
            var taken = server.Ask("/classify/fakes", TestServer.Text("taken"));
            await Until(() => Gate.Entered == 1);
            var stopping = server.Server.StopAsync(Cancellation);
            await Until(async () =>
            {
                using var ready = await server.Client.GetAsync("/v2/health/ready", Cancellation);
                return (int)ready.StatusCode == 503;
            });
            var refused = await server.Ask("/classify/fakes", TestServer.Text("late"));
            Assert.Equal(503, refused.Status);
            Gate.OpenAll();
            Assert.Equal(200, (await taken).Status);
            await stopping;
        }
        finally
        {
            Gate.OpenAll();
        }
    }

    private static double First(JsonElement json) => json.GetProperty("predictions")[0].GetProperty("confidence").GetDouble();

    private static Task Until(Func<bool> isSo) => Until(() => Task.FromResult(isSo()));

    private static async Task Until(Func<Task<bool>> isSo)
    {
        for (int k = 0; k < 1000; k++)
        {
            if (await isSo()) return;
            await Task.Delay(10, Cancellation);
        }

        Assert.Fail("it did not come to that");
    }
}
