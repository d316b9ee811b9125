using System.IO.Compression;
using System.Text;
using Sconce.Nn;
using Xunit;

namespace Sconce.Systems.Tests;

/// <summary>One number for all keys and shapes of a network, so that a rename fails here before a checkpoint does; where it differs, the
/// keys that are gone and new are named.</summary>
internal static class StateHash
{
    /// <summary>The keys behind the numbers, <c>StateKeys.gz</c>: a line <c># hash</c>, then a line an entry. Set to a file's path, a run
    /// of the tests adds to it what it verifies.</summary>
    private const string Record = "SCONCE_RECORD_STATE_KEYS";

    private static readonly Lock Recording = new();
    private static readonly Lazy<Dictionary<ulong, string[]>> Known = new(Read);

    /// <summary>FNV-1a 64 of the state dict's lines, each "key sizes" with commas between the sizes.</summary>
    internal static ulong Of(Module module) => Of(Lines(module));

    /// <summary>The same of some of a network's entries.</summary>
    internal static ulong Of(IEnumerable<StateEntry> entries) => Of([.. entries.Select(Line)]);

    /// <summary>Fails with the keys that differ.</summary>
    /// <param name="expected">The number of the keys that checkpoints have.</param>
    /// <param name="module">The network.</param>
    internal static void Verify(ulong expected, Module module)
    {
        string[] lines = Lines(module);
        ulong hash = Of(lines);
        if (hash != expected) Assert.Fail(Difference(expected, hash, lines));
        if (Environment.GetEnvironmentVariable(Record) is { Length: > 0 } path)
        {
            lock (Recording) File.AppendAllLines(path, [$"# {hash}", .. lines]);
        }
        else
        {
            Assert.True(Known.Value.ContainsKey(expected),
                $"StateKeys.gz has no keys for {expected}: record them ({Record}), so that a difference can be named");
        }
    }

    /// <summary>What is gone, what is new, or the first place where the order is another.</summary>
    internal static string Difference(ulong expected, ulong hash, IReadOnlyList<string> lines)
    {
        if (!Known.Value.TryGetValue(expected, out string[]? before)) return $"the keys have the number {hash}, not {expected}, and "
            + $"StateKeys.gz does not have those: the first is now '{lines[0]}', the last '{lines[^1]}'";
        string[] gone = [.. before.Except(lines)], made = [.. lines.Except(before)];
        if (gone.Length + made.Length == 0) return $"the same keys stand in another order: "
            + $"'{lines[Enumerable.Range(0, lines.Count).First(k => lines[k] != before[k])]}' is too early";
        return $"{gone.Length} keys are gone ({Some(gone)}), {made.Length} are new ({Some(made)})";
    }

    /// <summary>The keys behind a number; null where they were not recorded.</summary>
    internal static IReadOnlyList<string>? KeysOf(ulong hash) => Known.Value.GetValueOrDefault(hash);

    private static string Some(string[] lines) => string.Join("; ", lines.Take(5)) + (lines.Length > 5 ? " …" : "");

    private static string[] Lines(Module module) =>
        [.. module.StateDict().Select(Line)];

    private static string Line(StateEntry entry) => $"{entry.Name} {string.Join(',', entry.Tensor.Shape.ToArray())}";

    private static ulong Of(string[] lines)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (string line in lines)
        {
            foreach (byte b in Encoding.UTF8.GetBytes(line + "\n")) hash = (hash ^ b) * 0x100000001B3;
        }

        return hash;
    }

    private static Dictionary<ulong, string[]> Read()
    {
        using var stream = typeof(StateHash).Assembly.GetManifestResourceStream("StateKeys.gz")!;
        using var reader = new StreamReader(new GZipStream(stream, CompressionMode.Decompress));
        var known = new Dictionary<ulong, string[]>();
        foreach (string part in reader.ReadToEnd().Split("# ", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = part.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            known[ulong.Parse(lines[0], System.Globalization.CultureInfo.InvariantCulture)] = lines[1..];
        }

        return known;
    }
}

/// <summary>A difference is told by its keys.</summary>
public sealed class StateHashTests
{
    private const ulong Frost = 16688087529486651493;

    [Fact]
    public void A_key_that_was_renamed_is_named_before_and_after()
    {
        string[] lines = [.. StateHash.KeysOf(Frost)!];
        string before = lines[3];
        lines[3] = "renamed.weight 1,2";
        Assert.Equal($"1 keys are gone ({before}), 1 are new (renamed.weight 1,2)", StateHash.Difference(Frost, 1, lines));
    }

    [Fact]
    public void Keys_in_another_order_are_told_by_the_first()
    {
        string[] lines = [.. StateHash.KeysOf(Frost)!];
        (lines[2], lines[5]) = (lines[5], lines[2]);
        Assert.Equal($"the same keys stand in another order: '{lines[2]}' is too early", StateHash.Difference(Frost, 1, lines));
    }
}
