using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Server.Requests;
using Sconce.Server.Serving;
using Sconce.Tables;
using Sconce.Video;

namespace Sconce.Server.Answers;

/// <summary>A fault as a client is told of it.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Message">One line: what is wrong, and what would be right.</param>
internal sealed record FaultStatus(int Status, string Message)
{
    /// <summary>The client went away: nobody reads this.</summary>
    public const int ClientClosed = 499;

    /// <summary>The setting at fault.</summary>
    public string? Setting { get; init; }

    /// <summary>Seconds after which to ask again.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Whether it is the server's own and belongs into the log.</summary>
    public bool IsOurs => Status is 500;

    /// <summary>What a fault means.</summary>
    public static FaultStatus Of(Exception fault) => fault switch
    {
        RequestException own => new(own.Status, own.Message) { Setting = own.Setting, RetryAfter = Seconds(own.RetryAfter) },
        QueueFullException full =>
            new(429, "as many questions wait as may: ask again a little later") { RetryAfter = Seconds(full.RetryAfter) },
        DeadlineException late => new(504, late.Message),
        SettingsException setting => new(400, OneLine(setting.Message)) { Setting = setting.Setting },
        UsageException usage => new(400, OneLine(usage.Message)),
        BadHttpRequestException bad => new(bad.StatusCode, OneLine(bad.Message)),
        ImageException or VideoException or DataException or TableException or InvalidDataException => new(422, OneLine(fault.Message)),
        ObjectDisposedException or OperationCanceledException => new(503, "the server is stopping") { RetryAfter = 1 },
        Torch.TorchException torch => new(500, OneLine(torch.Message)),
        IOException disk => new(500, $"the server's disk: {OneLine(disk.Message)}"),
        _ => new(500, "a fault of the server's own: its log says more"),
    };

    /// <summary>As a JSON object.</summary>
    /// <param name="files">The request's, whose paths are ours alone.</param>
    public byte[] Json(RequestFiles? files = null)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("error", files?.Worded(Message) ?? Message);
            if (!string.IsNullOrEmpty(Setting)) writer.WriteString("setting", Setting);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static int? Seconds(TimeSpan? time) => time is { } known ? Math.Max(1, (int)Math.Ceiling(known.TotalSeconds)) : null;

    private static string OneLine(string message) =>
        string.Join(' ', message.Split(['\n', '\r', '\t', ' '], StringSplitOptions.RemoveEmptyEntries));
}
