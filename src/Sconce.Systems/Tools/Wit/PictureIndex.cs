using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Tools.Wit;

/// <summary>What bringing an index up to date came to.</summary>
/// <param name="Pictures">In the index now.</param>
/// <param name="Added">Encoded anew.</param>
/// <param name="Removed">Whose files are gone.</param>
/// <param name="Broken">That cannot be read.</param>
public readonly record struct IndexUpdate(int Pictures, int Added, int Removed, int Broken);

/// <summary>
/// Embeddings of a folder's pictures in an SQLite file. A picture is known by its place, length and time, else by its content, so that one
/// that was moved or copied is not encoded again; what is gone is forgotten.
/// </summary>
public sealed class PictureIndex : IDisposable
{
    private const int Together = 16;
    private const string Schema =
        """
        CREATE TABLE IF NOT EXISTS encoder (mark TEXT NOT NULL);
        CREATE TABLE IF NOT EXISTS picture (
            path TEXT PRIMARY KEY, length INTEGER NOT NULL, written INTEGER NOT NULL, content TEXT NOT NULL, embedding BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS by_content ON picture (content);
        """;

    private readonly SqliteConnection connection;
    private readonly IPairEncoder encoder;
    private readonly string file;
    private readonly int tiles;

    /// <summary>Opens an index, or begins one; what another encoder left is thrown away, since its numbers mean something else.</summary>
    /// <param name="file">The SQLite file.</param>
    /// <param name="encoder">Whose embeddings it holds.</param>
    /// <param name="tiles">How many tiles of a side each picture is looked at in besides; 1 for the whole alone.</param>
    /// <exception cref="DataException">The file is no such index, or cannot be written.</exception>
    internal PictureIndex(string file, IPairEncoder encoder, int tiles = 1)
    {
        (this.file, this.encoder, this.tiles) = (file, encoder, tiles);
        string mark = tiles == 1 ? encoder.Mark : $"{encoder.Mark} in {tiles} x {tiles} tiles";
        connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        Guarded(() =>
        {
            connection.Open();
            Run(Schema);
            if (Text("SELECT mark FROM encoder") == mark) return;
            Run("DELETE FROM picture; DELETE FROM encoder");
            Run("INSERT INTO encoder (mark) VALUES ($mark)", ("$mark", mark));
        });
    }

    /// <summary>Brings it up to date with a folder.</summary>
    /// <param name="folder">Of pictures; those below it count too.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="fault">Told of pictures that cannot be read.</param>
    /// <param name="cancellation">Ends it; what was encoded stays.</param>
    /// <exception cref="DataException">There is no such folder.</exception>
    public IndexUpdate Update(
        string folder, IProgress<WorkProgress>? progress = null, Action<string>? fault = null, CancellationToken cancellation = default)
    {
        if (!Directory.Exists(folder)) throw new DataException(folder, "there is no such folder to search");
        string[] files = [.. FileWalk.All(folder).Where(InputKind.Picture.Fits).Select(Path.GetFullPath)];
        var known = Guarded(Known);
        int removed = 0, added = 0, broken = 0;
        var waiting = new List<(string Path, FileInfo File, string Content)>();
        foreach (var (k, path) in files.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress("indexing", k, files.Length));
            var info = new FileInfo(path);
            if (known.TryGetValue(path, out var mark) && mark == (info.Length, info.LastWriteTimeUtc.Ticks)) continue;
            string content = ContentOf(path);
            if (Guarded(() => Embedding(content)) is { } same) Keep(path, info, content, same);
            else waiting.Add((path, info, content));
            if (waiting.Count == Together) Encode();
        }

        Encode();
        // Last, so that a picture that was moved is still known by its content when its new place is met.
        foreach (string gone in known.Keys.Except(files).ToList())
        {
            Guarded(() => Run("DELETE FROM picture WHERE path = $path", ("$path", gone)));
            removed++;
        }

        return new IndexUpdate((int)Guarded(() => Count()), added, removed, broken);

        void Encode()
        {
            var readable = new List<(string Path, FileInfo File, string Content, Picture Picture)>();
            foreach (var (path, info, content) in waiting)
            {
                var picture = Picture.Of(path);
                try
                {
                    picture.Prepare();
                    readable.Add((path, info, content, picture));
                }
                catch (ImageException error)
                {
                    broken++;
                    fault?.Invoke(error.Message);
                }
            }

            waiting.Clear();
            if (readable.Count == 0) return;
            float[] rows = Embeddings(readable.SelectMany(one => PictureTiles.Of(one.Picture, tiles)));
            int width = rows.Length / readable.Count;
            foreach (var (k, one) in readable.Index())
                Keep(one.Path, one.File, one.Content, MemoryMarshal.AsBytes(rows.AsSpan(k * width, width)).ToArray());
            added += readable.Count;
        }
    }

    /// <summary>The pictures that are most like an embedding, best first; all of them are looked at.</summary>
    /// <param name="asked">Of unit length.</param>
    /// <param name="count">At most.</param>
    /// <returns>With each the tile that is most like it, by <see cref="PictureTiles"/>: 0 is the whole.</returns>
    public IReadOnlyList<(string Path, double Cosine, int Tile)> Nearest(ReadOnlySpan<float> asked, int count)
    {
        float[] query = asked.ToArray();
        int views = PictureTiles.Count(tiles);
        var best = new PriorityQueue<(long Place, int Tile), (double Cosine, long Earlier)>();
        var paths = new Dictionary<long, string>();
        Guarded(() =>
        {
            // In the order of the file: by path every row would be looked up by itself. Embeddings are read where SQLite has them.
            using var command = Command("SELECT rowid, embedding FROM picture");
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                var row = MemoryMarshal.Cast<byte, float>(SQLitePCL.raw.sqlite3_column_blob(reader.Handle!, 1));
                if (row.Length != views * query.Length)
                    throw new DataException(file, "it holds embeddings of another width: delete it");
                double cosine = double.NegativeInfinity;
                int tile = 0;
                for (int view = 0; view < views; view++)
                {
                    double own = System.Numerics.Tensors.TensorPrimitives.Dot(row.Slice(view * query.Length, query.Length), query);
                    if (own > cosine) (cosine, tile) = (own, view);
                }

                if (best.Count == count && best.TryPeek(out _, out var least) && cosine <= least.Cosine) continue;
                long place = reader.GetInt64(0);
                best.Enqueue((place, tile), (cosine, -place));
                if (best.Count > count) best.Dequeue();
            }

            foreach (var ((place, _), _) in best.UnorderedItems) paths[place] = PathAt(place);
        });
        return [.. best.UnorderedItems.Select(one => (paths[one.Element.Place], one.Priority.Cosine, one.Element.Tile))
            .OrderByDescending(one => one.Cosine).ThenBy(one => one.Item1, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    /// <summary>All views' rows, a few views at a time.</summary>
    private float[] Embeddings(IEnumerable<Picture> views)
    {
        var rows = new List<float>();
        foreach (var few in views.Chunk(Together))
        {
            using var scope = new TensorScope();
            rows.AddRange(encoder.OfPictures(few).Contiguous().ToArray<float>());
        }

        return [.. rows];
    }

    private static string ContentOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private Dictionary<string, (long Length, long Written)> Known()
    {
        var known = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        using var command = Command("SELECT path, length, written FROM picture");
        using var reader = command.ExecuteReader();
        while (reader.Read()) known[reader.GetString(0)] = (reader.GetInt64(1), reader.GetInt64(2));
        return known;
    }

    private string PathAt(long place)
    {
        using var command = Command("SELECT path FROM picture WHERE rowid = $place", ("$place", place));
        return (string)command.ExecuteScalar()!;
    }

    private byte[]? Embedding(string content)
    {
        using var command = Command("SELECT embedding FROM picture WHERE content = $content LIMIT 1", ("$content", content));
        return command.ExecuteScalar() as byte[];
    }

    private long Count()
    {
        using var command = Command("SELECT count(*) FROM picture");
        return (long)command.ExecuteScalar()!;
    }

    private void Keep(string path, FileInfo info, string content, byte[] embedding) => Guarded(() => Run(
        "INSERT OR REPLACE INTO picture (path, length, written, content, embedding) VALUES ($path, $length, " +
        "$written, $content, $embedding)",
        ("$path", path), ("$length", info.Length), ("$written", info.LastWriteTimeUtc.Ticks),
        ("$content", content), ("$embedding", embedding)));

    private string? Text(string query)
    {
        using var command = Command(query);
        return command.ExecuteScalar() as string;
    }

    private void Run(string query, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = Command(query, values);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string query, params ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = query;
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private void Guarded(Action work) => Guarded(() =>
    {
        work();
        return true;
    });

    private T Guarded<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException error)
        {
            throw new DataException(
                file, $"it is no index of pictures, or cannot be used: {error.Message}. Delete it, and it is made anew");
        }
    }
}
