using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Sconce.Systems.Tests.GrandTour;

/// <summary>Debian's browser without a window, told what to do by its DevTools protocol; a test skips where it is not installed.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private const int Wide = 1000, High = 900;
    private readonly Process process;
    private readonly string profile;
    private readonly ClientWebSocket socket = new();
    private readonly StringBuilder errors = new();
    private readonly CancellationToken cancellation;
    private int number;

    private Chromium(Process process, string profile, CancellationToken cancellation) =>
        (this.process, this.profile, this.cancellation) = (process, profile, cancellation);

    /// <summary>What the page's scripts threw.</summary>
    public string Errors => errors.ToString();

    /// <summary>Opens a page, and waits until it is there.</summary>
    public static async Task<Chromium> Open(string page, CancellationToken cancellation)
    {
        string? program = ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser"]).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, "no chromium here: apt-get install chromium");
        string profile = Directory.CreateTempSubdirectory("sconce-chromium-").FullName;
        string[] arguments =
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--remote-debugging-port=0", "--no-first-run",
            $"--window-size={Wide},{High}", $"--user-data-dir={profile}", new Uri(page).AbsoluteUri,
        ];
        var start = new ProcessStartInfo(program!, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        var browser = new Chromium(Process.Start(start)!, profile, cancellation);
        try
        {
            await browser.Connect(Path.GetFileName(page));
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>The value of an expression as text.</summary>
    public async Task<string> Evaluate(string expression)
    {
        var answer = await Ask("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true });
        if (answer["exceptionDetails"] is { } fault) throw new InvalidOperationException(fault.ToJsonString());
        var value = answer["result"]!["value"];
        return value switch
        {
            null => "",
            _ when value.GetValueKind() == JsonValueKind.Number => value.GetValue<double>().ToString("R", CultureInfo.InvariantCulture),
            _ => value.ToString(),
        };
    }

    /// <summary>A hand that takes, moves and lets go.</summary>
    public async Task Drag(double fromX, double fromY, double toX, double toY)
    {
        await Mouse("mouseMoved", fromX, fromY);
        await Mouse("mousePressed", fromX, fromY);
        for (int k = 1; k <= 5; k++) await Mouse("mouseMoved", fromX + ((toX - fromX) * k / 5), fromY + ((toY - fromY) * k / 5));
        await Mouse("mouseReleased", toX, toY);
    }

    public async ValueTask DisposeAsync()
    {
        socket.Dispose();
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync(CancellationToken.None);
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

    private Task<JsonNode> Mouse(string kind, double x, double y) => Ask("Input.dispatchMouseEvent", new JsonObject
    {
        ["type"] = kind,
        ["x"] = x,
        ["y"] = y,
        ["button"] = "left",
        ["buttons"] = kind == "mouseReleased" ? 0 : 1,
        ["clickCount"] = 1,
    });

    private async Task Connect(string page)
    {
        string port = "";
        while (port.Length == 0)
        {
            string line = await process.StandardError.ReadLineAsync(cancellation) ?? throw new InvalidOperationException("chromium ended");
            const string said = "DevTools listening on ws://127.0.0.1:";
            if (line.StartsWith(said, StringComparison.Ordinal)) port = line[said.Length..].Split('/')[0];
        }

        _ = process.StandardError.ReadToEndAsync(cancellation);
        using var client = new HttpClient();
        for (int attempt = 0; ; attempt++)
        {
            var targets = JsonNode.Parse(await client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/json"), cancellation))!.AsArray();
            var found = targets.FirstOrDefault(target => target!["url"]!.ToString().EndsWith(page, StringComparison.Ordinal));
            if (found is not null)
            {
                await socket.ConnectAsync(new Uri(found["webSocketDebuggerUrl"]!.ToString()), cancellation);
                break;
            }

            Assert.True(attempt < 100, "chromium did not open the page");
            await Task.Delay(100, cancellation);
        }

        await Ask("Runtime.enable", new JsonObject());
        for (int attempt = 0; await Evaluate("document.querySelectorAll('.handle').length") == "0"; attempt++)
        {
            Assert.True(attempt < 100, $"the page has no handles: {Errors}");
            await Task.Delay(100, cancellation);
        }
    }

    private async Task<JsonNode> Ask(string method, JsonObject parameters)
    {
        int own = ++number;
        var question = new JsonObject { ["id"] = own, ["method"] = method, ["params"] = parameters };
        await socket.SendAsync(Encoding.UTF8.GetBytes(question.ToJsonString()), WebSocketMessageType.Text, true, cancellation);
        while (true)
        {
            var message = JsonNode.Parse(await Receive())!;
            if (message["method"]?.ToString() == "Runtime.exceptionThrown") errors.AppendLine(message.ToJsonString());
            if (message["id"]?.GetValue<int>() == own)
                return message["result"] ?? throw new InvalidOperationException(message.ToJsonString());
        }
    }

    private async Task<string> Receive()
    {
        using var whole = new MemoryStream();
        var buffer = new byte[1 << 14];
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
            whole.Write(buffer.AsSpan(0, part.Count));
            if (part.EndOfMessage) return Encoding.UTF8.GetString(whole.ToArray());
        }
    }
}
