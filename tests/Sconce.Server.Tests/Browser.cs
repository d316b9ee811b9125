using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Sconce.Server.Tests;

/// <summary>Debian's Chromium without a window, spoken to by its DevTools protocol.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const double LongestPicture = 1600;
    private readonly Process process;
    private readonly string profile;
    private readonly ClientWebSocket socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonObject>> asked = new();
    private readonly CancellationTokenSource ending = new();
    private Task reading = Task.CompletedTask;
    private int last;

    private Browser(Process process, string profile) => (this.process, this.profile) = (process, profile);

    /// <summary>Addresses that were asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Bytes that came over the wire.</summary>
    public long Bytes { get; private set; }

    /// <summary>What went wrong in scripts.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Starts it; the test is skipped where there is none.</summary>
    /// <param name="width">Of the window.</param>
    /// <param name="height">Of the window.</param>
    /// <param name="isDark">Whether the person likes it dark.</param>
    /// <param name="flags">Of Chromium, beside the usual ones.</param>
    public static async Task<Browser> Start(int width = 1000, int height = 800, bool isDark = false, params string[] flags)
    {
        string? program = ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"])
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "there is no Chromium here");
        string profile = Directory.CreateTempSubdirectory("sconce-chromium-").FullName;
        var start = new ProcessStartInfo(
            program!,
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-port=0", "--no-first-run",
                "--disable-background-networking",
                $"--window-size={width},{height}", $"--user-data-dir={profile}", .. flags, "about:blank"])
        { RedirectStandardError = true };
        var browser = new Browser(Process.Start(start)!, profile);
        const string said = "DevTools listening on ws://";
        string? line;
        while ((line = await browser.process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken)) is not null
            && !line.StartsWith(said, StringComparison.Ordinal)) { }
        string host = line![said.Length..].Split('/')[0];
        _ = browser.process.StandardError.ReadToEndAsync();
        using var client = new HttpClient();
        var pages = JsonNode.Parse(await client.GetStringAsync($"http://{host}/json/list"))!.AsArray();
        string address = pages.First(page => (string)page!["type"]! == "page")!["webSocketDebuggerUrl"]!.ToString();
        await browser.socket.ConnectAsync(new Uri(address), TestContext.Current.CancellationToken);
        browser.reading = browser.Read();
        foreach (string domain in (string[])["Page", "Runtime", "Network"]) await browser.Send($"{domain}.enable");
        await browser.Send("Target.setAutoAttach", new JsonObject
        {
            ["autoAttach"] = true,
            ["waitForDebuggerOnStart"] = true,
            ["flatten"] = true,
        });
        await browser.Send("Emulation.setDeviceMetricsOverride",
            new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 500 });
        if (isDark)
        {
            await browser.Send("Emulation.setEmulatedMedia", new JsonObject
            {
                ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = "dark" }),
            });
        }

        return browser;
    }

    /// <summary>Opens a page.</summary>
    public Task Open(Uri address) => Send("Page.navigate", new JsonObject { ["url"] = address.ToString() });

    /// <summary>Runs a script in every page before its own.</summary>
    public Task Before(string script) => Send("Page.addScriptToEvaluateOnNewDocument", new JsonObject { ["source"] = script });

    /// <summary>The value of an expression, awaited.</summary>
    public async Task<JsonNode?> Evaluate(string expression)
    {
        var answer =
            await Send("Runtime.evaluate",
            new JsonObject { ["expression"] = expression, ["awaitPromise"] = true, ["returnByValue"] = true, ["userGesture"] = true });
        if (answer["exceptionDetails"] is { } fault) throw new InvalidOperationException(fault.ToJsonString());
        return answer["result"]!["value"];
    }

    /// <summary>Waits until an expression is true; while one page gives way to the next, it may throw.</summary>
    public async Task Until(string expression)
    {
        string fault = "";
        for (int k = 0; k < 600; k++)
        {
            try
            {
                if (await Evaluate($"Boolean({expression})") is JsonValue value && (bool)value) return;
            }
            catch (InvalidOperationException thrown)
            {
                fault = thrown.Message;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"it did not come to {expression}: {await Evaluate("document.body?.innerText")}; {fault}; "
            + $"faults: {string.Join("; ", Faults)}");
    }

    /// <summary>Presses a key.</summary>
    public async Task Press(string key, int code)
    {
        foreach (string type in (string[])["keyDown", "keyUp"])
        {
            var pressed = new JsonObject { ["type"] = type, ["key"] = key, ["code"] = key, ["windowsVirtualKeyCode"] = code };
            if (type == "keyDown" && key == "Enter") pressed["text"] = "\r";
            await Send("Input.dispatchKeyEvent", pressed);
        }
    }

    /// <summary>What the page looks like from its top to its end, as far as somebody would look, into a file, where SCONCE_SCREENSHOTS
    /// names a folder for it.</summary>
    public async Task Screenshot(string name)
    {
        await Evaluate("scrollTo(0, 0)");
        var size = (await Send("Page.getLayoutMetrics"))["cssContentSize"]!;
        var shot = await Send("Page.captureScreenshot", new JsonObject
        {
            ["format"] = "png",
            ["captureBeyondViewport"] = true,
            ["clip"] = new JsonObject
            {
                ["x"] = 0,
                ["y"] = 0,
                ["scale"] = 1,
                ["width"] = (double)size["width"]!,
                ["height"] = Math.Min((double)size["height"]!, LongestPicture),
            },
        });
        byte[] png = Convert.FromBase64String(shot["data"]!.ToString());
        Assert.True(png.Length > 1000);
        if (Environment.GetEnvironmentVariable("SCONCE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), png);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        await reading;
        socket.Dispose();
        process.Dispose();
        try
        {
            Directory.Delete(profile, recursive: true);
        }
        catch (IOException)
        {
            // A child of the browser may still be writing there; the folder is a temporary one.
        }
    }

    private async Task<JsonObject> Send(string method, JsonObject? parameters = null, string? session = null)
    {
        int id = Interlocked.Increment(ref last);
        var answer = asked[id] = new TaskCompletionSource<JsonObject>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (session is not null) message["sessionId"] = session;
        await socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, ending.Token);
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task Read()
    {
        byte[] buffer = new byte[1 << 16];
        try
        {
            while (true)
            {
                using var message = new MemoryStream();
                ValueWebSocketReceiveResult piece;
                do
                {
                    piece = await socket.ReceiveAsync(buffer.AsMemory(), ending.Token);
                    message.Write(buffer, 0, piece.Count);
                }
                while (!piece.EndOfMessage);
                if (JsonNode.Parse(message.ToArray()) is JsonObject json) Heard(json);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or WebSocketException or JsonException)
        {
            // It was closed.
        }
    }

    /// <summary>A worker of the page, which waits until it is watched too.</summary>
    private void Watch(string session)
    {
        foreach (string method in (string[])["Network.enable", "Runtime.enable", "Runtime.runIfWaitingForDebugger"])
            _ = Send(method, null, session);
    }

    private void Heard(JsonObject json)
    {
        if ((int?)json["id"] is { } id && asked.TryRemove(id, out var answer))
        {
            if (json["error"] is { } fault) answer.SetException(new InvalidOperationException(fault.ToJsonString()));
            else answer.SetResult((JsonObject)json["result"]!);
            return;
        }

        switch ((string?)json["method"])
        {
            case "Target.attachedToTarget": Watch(json["params"]!["sessionId"]!.ToString()); break;
            case "Network.requestWillBeSent": Requests.Enqueue(json["params"]!["request"]!["url"]!.ToString()); break;
            case "Network.loadingFinished": Bytes += (long)(double)json["params"]!["encodedDataLength"]!; break;
            case "Runtime.exceptionThrown": Faults.Enqueue(json["params"]!.ToJsonString()); break;
        }
    }
}
