using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Sconce.Abilities;
using Sconce.Server.Requests;
using Sconce.Server.Serving;

namespace Sconce.Server.Answers;

/// <summary>
/// An answer that is sent as it is made: the worker writes pieces, the request sends them. A client that reads slowly holds the worker
/// up until the question's deadline, and no further.
/// </summary>
/// <param name="renderer">Makes JSON of a piece.</param>
/// <param name="isEvents">Whether they are server-sent events, with progress among them; else lines of JSON.</param>
internal sealed class AnswerStream(AnswerRenderer renderer, bool isEvents) : IProgress<WorkProgress>
{
    private const int Ahead = 64;
    private readonly Channel<ReadOnlyMemory<byte>> pieces = Channel.CreateBounded<ReadOnlyMemory<byte>>(
        new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = false });

    /// <summary>The content's type.</summary>
    public string ContentType => isEvents ? MediaTypes.Events : MediaTypes.JsonLines;

    /// <summary>What is to be sent, until the answer ends.</summary>
    public ChannelReader<ReadOnlyMemory<byte>> Pieces => pieces.Reader;

    /// <summary>For the worker: writes all pieces.</summary>
    public RenderedAnswer Write(IAnswer answer, CancellationToken cancellation)
    {
        foreach (var piece in AnswerPieces.Of(answer)) Send("answer", renderer.Json(piece, cancellation, isNamed: false), cancellation);
        if (isEvents) Send("end", "{}"u8.ToArray(), cancellation);
        return new RenderedAnswer(ContentType, default);
    }

    /// <summary>Nothing follows.</summary>
    public void End() => pieces.Writer.TryComplete();

    /// <summary>The last piece of a stream that cannot go on.</summary>
    /// <param name="fault">As JSON.</param>
    public ReadOnlyMemory<byte> Fault(byte[] fault) => Framed("fault", fault);

    /// <inheritdoc/>
    public void Report(WorkProgress value)
    {
        if (!isEvents) return;
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("stage", value.Stage);
            writer.WriteNumber("done", value.Done);
            if (value.Total > 0) writer.WriteNumber("total", value.Total);
            writer.WriteEndObject();
        }

        // Progress that nobody reads is left out.
        pieces.Writer.TryWrite(Framed("progress", stream.ToArray()));
    }

    private void Send(string name, byte[] json, CancellationToken cancellation)
    {
        var piece = Framed(name, json);
        if (pieces.Writer.TryWrite(piece)) return;
        pieces.Writer.WriteAsync(piece, cancellation).AsTask().GetAwaiter().GetResult();
    }

    private byte[] Framed(string name, byte[] json) =>
        isEvents ? [.. Encoding.UTF8.GetBytes($"event: {name}\ndata: "), .. json, .. "\n\n"u8] : [.. json, .. "\n"u8];
}
