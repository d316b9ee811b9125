using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Sconce.Abilities;
using Sconce.Server.Http;
using Sconce.Server.Monitoring;
using Sconce.Server.Requests;
using Sconce.Server.Serving;

namespace Sconce.Server.Review;

/// <summary>
/// Takes answers that are not sure, and writes them behind the requests' backs: neither a slow disk nor a full one holds an answer up.
/// </summary>
internal sealed class ReviewQueue : IAsyncDisposable
{
    private const int Ahead = 64;
    private readonly Channel<Kept> incoming = Channel.CreateBounded<Kept>(Ahead);
    private readonly ServerMeters meters;
    private readonly ILogger logger;
    private readonly Task writing;

    /// <summary>Opens it.</summary>
    public ReviewQueue(string folder, ServerMeters meters, ILogger logger)
    {
        (this.meters, this.logger) = (meters, logger);
        Store = new ReviewStore(folder);
        writing = Task.Run(Write);
    }

    /// <summary>What is kept.</summary>
    public ReviewStore Store { get; }

    /// <summary>Keeps an answer; one too many is left out, and counted.</summary>
    public void Keep(ServedAbility served, ReadQuestion question, byte[] json, double confidence)
    {
        string extension = MediaTypes.ExtensionFor(InputKind.Picture, question.Name, null);
        var kept =
            new Kept(served.Name, served.Ability.Verb.Name, question.File, extension, System.Text.Encoding.UTF8.GetString(json),
            confidence);
        if (!incoming.Writer.TryWrite(kept)) meters.Reviewed(served.Name, isKept: false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        incoming.Writer.TryComplete();
        await writing;
        Store.Dispose();
    }

    private async Task Write()
    {
        await foreach (var kept in incoming.Reader.ReadAllAsync())
        {
            try
            {
                Store.Add(kept.Name, kept.Verb, kept.File.Span, kept.Extension, kept.Answer, kept.Confidence);
                meters.Reviewed(kept.Name, isKept: true);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or SqliteException)
            {
                ServerLog.NotKept(logger, "an answer for review", fault.Message);
                meters.Reviewed(kept.Name, isKept: false);
            }
        }
    }

    private sealed record Kept(string Name, string Verb, ReadOnlyMemory<byte> File, string Extension, string Answer, double Confidence);
}
