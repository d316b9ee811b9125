using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Sconce.Server.Review;

/// <summary>
/// The review queue on disk: a SQLite file of what was asked and decided, and the pictures beside it. A picture that was decided lies in
/// a folder of its label's name, as a set to train with has them.
/// </summary>
internal sealed class ReviewStore : IDisposable
{
    private const int LongestLabel = 100;
    private readonly SqliteConnection connection;
    private readonly Lock gate = new();
    private readonly string folder;

    /// <summary>Opens it, made where there is none.</summary>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="SqliteException">The file is damaged, or the disk full.</exception>
    public ReviewStore(string folder)
    {
        this.folder = Path.GetFullPath(folder);
        Directory.CreateDirectory(Path.Combine(this.folder, "waiting"));
        connection =
            new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = Path.Combine(this.folder, "review.db"),
                Pooling = false
            }.ToString());
        connection.Open();
        Run("pragma journal_mode = wal");
        Run("""
            create table if not exists items (
                id integer primary key autoincrement, asked text not null, name text not null, verb text not null, file text not null,
                answer text not null, confidence real not null, decision text, decided text)
            """);
        Run("create index if not exists waiting on items (id) where decided is null");
    }

    /// <summary>Keeps an answer, with its picture.</summary>
    public void Add(string name, string verb, ReadOnlySpan<byte> picture, string extension, string answer, double confidence)
    {
        string file = "";
        if (picture.Length > 0)
        {
            file = $"waiting/{Guid.NewGuid():n}{extension}";
            File.WriteAllBytes(PathOf(file), picture);
        }

        try
        {
            lock (gate)
            {
                using var command = Command(
                    "insert into items (asked, name, verb, file, answer, confidence) "
                    + "values ($asked, $name, $verb, $file, $answer, $confidence)",
                    ("$asked", Now), ("$name", name), ("$verb", verb), ("$file", file), ("$answer", answer), ("$confidence", confidence));
                command.ExecuteNonQuery();
            }
        }
        catch (SqliteException)
        {
            if (file.Length > 0) File.Delete(PathOf(file));   // nothing would know of it
            throw;
        }
    }

    /// <summary>What waits for a person, the oldest first.</summary>
    public IReadOnlyList<ReviewItem> Waiting(int most)
    {
        lock (gate)
        {
            using var command =
                Command("select id, asked, name, verb, file, answer, confidence from items where decided is null order by id limit $most",
                ("$most", most));
            using var reader = command.ExecuteReader();
            var items = new List<ReviewItem>();
            while (reader.Read()) items.Add(Item(reader));
            return items;
        }
    }

    /// <summary>One of them; null where there is none, or it was decided.</summary>
    public ReviewItem? Find(long id)
    {
        lock (gate)
        {
            using var command = Command(
                "select id, asked, name, verb, file, answer, confidence from items where id = $id and decided is null", ("$id", id));
            using var reader = command.ExecuteReader();
            return reader.Read() ? Item(reader) : null;
        }
    }

    /// <summary>How many wait.</summary>
    public long Count()
    {
        lock (gate)
        {
            using var command = Command("select count(*) from items where decided is null");
            return (long)command.ExecuteScalar()!;
        }
    }

    /// <summary>A person decides.</summary>
    /// <param name="item">About what.</param>
    /// <param name="label">The right class; null where the picture teaches nothing, and goes.</param>
    /// <exception cref="UsageException">The label is no folder's name.</exception>
    public void Decide(ReviewItem item, string? label)
    {
        if (label is not null && !IsLabel(label))
            throw new UsageException($"'{label}' is no class: it names a folder, without slashes, of at most {LongestLabel} letters");
        if (item.File.Length > 0)
        {
            if (label is null)
            {
                File.Delete(PathOf(item.File));
            }
            else
            {
                string place = Path.Combine(folder, "decided", item.Name, label);
                Directory.CreateDirectory(place);
                File.Move(PathOf(item.File), Path.Combine(place, $"review-{item.Id}{Path.GetExtension(item.File)}"), overwrite: true);
            }
        }

        lock (gate)
        {
            using var command = Command(
                "update items set decision = $decision, decided = $decided where id = $id",
                ("$decision", (object?)label ?? DBNull.Value), ("$decided", Now), ("$id", item.Id));
            command.ExecuteNonQuery();
        }
    }

    /// <summary>The path of an item's picture.</summary>
    public string PathOf(string file) => Path.Combine(folder, file);

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();

    private static string Now => DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>Whether a label can be a folder's name, and leads nowhere else.</summary>
    public static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel && label.Trim() == label && label[0] != '.'
            && !label.Any(letter => char.IsControl(letter) || letter is '/' or '\\');

    private static ReviewItem Item(SqliteDataReader reader) => new(
        reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3),
        reader.GetString(4), reader.GetString(5), reader.GetDouble(6));

    private void Run(string text)
    {
        using var command = Command(text);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }
}
