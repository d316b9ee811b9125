using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Sconce.Server.Requests;

/// <summary>
/// A request's body in memory of the shared pool, which has it back at the end: a new large array for each request would have the whole
/// heap collected every few of them.
/// </summary>
internal sealed class RentedBody : IDisposable
{
    // What a request announces is believed up to here; more grows as it comes.
    private const long FirstRoom = 4 << 20;
    private const int LeastRoom = 1 << 12;
    private byte[] room;
    private int length;

    private RentedBody(int size) => room = ArrayPool<byte>.Shared.Rent(size);

    /// <summary>All of it.</summary>
    public ReadOnlyMemory<byte> Bytes => room.AsMemory(0, length);

    /// <summary>Reads a body to its end.</summary>
    /// <exception cref="RequestException">It is larger than an array can be.</exception>
    public static async Task<RentedBody> Read(HttpRequest request, CancellationToken cancellation)
    {
        var body = new RentedBody((int)Math.Clamp(request.ContentLength ?? 0, LeastRoom, FirstRoom));
        // Where reading fails, the memory is left to the collector: somebody may still be writing into it.
        while (true)
        {
            if (body.length == body.room.Length) body.Grow();
            int read = await request.Body.ReadAsync(body.room.AsMemory(body.length), cancellation);
            if (read == 0) return body;
            body.length += read;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(room);
        (room, length) = ([], 0);
    }

    private void Grow()
    {
        if (room.Length == Array.MaxLength) throw new RequestException(413, $"a body has at most {Array.MaxLength} bytes");
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(2L * room.Length, Array.MaxLength));
        room.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(room);
        room = larger;
    }
}
