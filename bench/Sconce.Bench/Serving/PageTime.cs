using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Sconce.Bench.Serving;

/// <summary>The server's first page in Chromium with an empty cache, by its DevTools protocol: when its cards are there, and its bytes.</summary>
internal static class PageTime
{
    private const string Said = "DevTools listening on ws://";

    /// <summary>Runs in the page before its own scripts: notes when what is served can be clicked.</summary>
    private const string Watch = """
        new MutationObserver((_, self) => {
          if (!document.querySelector('.card a')) return;
          window.usableAfter = performance.now();
          self.disconnect();
        }).observe(document, { childList: true, subtree: true });
        """;

    /// <summary>The browser; null where there is none.</summary>
    internal static string? Browser => ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"])
        .FirstOrDefault(File.Exists);

    internal static Measured Run(string network, string folder)
    {
        using var server = new ServerProcess("sconce", "tensors", network, folder);
        var runs = Enumerable.Range(0, 3).Select(_ => Once(server.Address).GetAwaiter().GetResult()).OrderBy(run => run.Seconds).ToList();
        return new Measured { Seconds = runs[1].Seconds, Losses = [runs.Max(run => run.Bytes)] };
    }

    private static async Task<(double Seconds, double Bytes)> Once(Uri address)
    {
        string profile = Directory.CreateTempSubdirectory("sconce-bench-chromium-").FullName;
        var start = new ProcessStartInfo(Browser!, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--remote-debugging-port=0", "--no-first-run", "--disable-background-networking", $"--user-data-dir={profile}", "about:blank"])
        { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        try
        {
            string? line;
            do line = await process.StandardError.ReadLineAsync();
            while (line?.StartsWith(Said, StringComparison.Ordinal) == false);
            string host = (line ?? throw new InvalidOperationException("Chromium did not start"))[Said.Length..].Split('/')[0];
            _ = process.StandardError.ReadToEndAsync();
            using var client = new HttpClient();
            var pages = JsonNode.Parse(await client.GetStringAsync($"http://{host}/json/list"))!.AsArray();
            string tab = pages.First(page => (string)page!["type"]! == "page")!["webSocketDebuggerUrl"]!.ToString();
            using var tools = new DevTools();
            await tools.Connect(new Uri(tab));
            foreach (string domain in (string[])["Page", "Network"]) await tools.Send($"{domain}.enable");
            await tools.Send("Page.addScriptToEvaluateOnNewDocument", new JsonObject { ["source"] = Watch });
            await tools.Send("Page.navigate", new JsonObject { ["url"] = address.ToString() });
            for (int k = 0; k < 1000; k++)
            {
                var value = await tools.Send("Runtime.evaluate", new JsonObject { ["expression"] = "window.usableAfter ?? 0" });
                if ((double?)value["result"]!["value"] is { } usable and > 0) return (usable / 1e3, tools.Bytes);
                await Task.Delay(20);
            }

            throw new InvalidOperationException("the page did not come to be usable");
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            Directory.Delete(profile, recursive: true);
        }
    }

    /// <summary>One connection to a tab; bytes that its page loaded are counted by the way.</summary>
    private sealed class DevTools : IDisposable
    {
        private readonly ClientWebSocket socket = new();
        private int last;

        internal double Bytes { get; private set; }

        internal Task Connect(Uri tab) => socket.ConnectAsync(tab, CancellationToken.None);

        internal async Task<JsonObject> Send(string method, JsonObject? parameters = null)
        {
            int id = ++last;
            var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
            await socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, CancellationToken.None);
            while (true)
            {
                var heard = await Read();
                if ((string?)heard["method"] == "Network.loadingFinished") Bytes += (double)heard["params"]!["encodedDataLength"]!;
                if ((int?)heard["id"] == id) return (JsonObject)(heard["result"] ?? throw new InvalidOperationException(heard.ToJsonString()));
            }
        }

        public void Dispose() => socket.Dispose();

        private async Task<JsonObject> Read()
        {
            byte[] buffer = new byte[1 << 16];
            using var message = new MemoryStream();
            ValueWebSocketReceiveResult piece;
            do
            {
                piece = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                message.Write(buffer, 0, piece.Count);
            }
            while (!piece.EndOfMessage);
            return (JsonObject)JsonNode.Parse(message.ToArray())!;
        }
    }
}
