using System.Text;

namespace Sconce.Weights;

/// <summary>A parameter that the checkpoint lacks.</summary>
/// <param name="Name">Its name in the network.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Nearest">Names of the checkpoint that it may be under; searched for the first ten missing ones.</param>
public sealed record MissingKey(string Name, IReadOnlyList<long> Shape, IReadOnlyList<string> Nearest);

/// <summary>A parameter whose shape in the checkpoint is another.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Expected">The network's dimensions.</param>
/// <param name="Found">The checkpoint's dimensions.</param>
public sealed record MisShaped(string Name, IReadOnlyList<long> Expected, IReadOnlyList<long> Found);

/// <summary>How a checkpoint's names and shapes meet a network's.</summary>
/// <param name="Matched">Names that agree in shape.</param>
/// <param name="Missing">Names that the checkpoint lacks.</param>
/// <param name="Unexpected">Names that the network lacks.</param>
/// <param name="MisShaped">Names whose shapes differ.</param>
/// <param name="Hint">One remedy for many names at once, such as a prefix; mostly empty.</param>
public sealed record StateDictReport(
    IReadOnlyList<string> Matched,
    IReadOnlyList<MissingKey> Missing,
    IReadOnlyList<NamedShape> Unexpected,
    IReadOnlyList<MisShaped> MisShaped,
    string Hint)
{
    const int Shown = 10;

    /// <summary>What was taken off the file's names; empty mostly.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Tensors that lie beside the network in the file, without that prefix, and are left out.</summary>
    public int Beside { get; init; }

    /// <summary>Whether every name is there once, with its shape.</summary>
    public bool IsExact => Missing.Count == 0 && Unexpected.Count == 0 && MisShaped.Count == 0;

    /// <summary>Several lines: counts, then at most ten names of each kind with the nearest names, then the hint.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append($"{Matched.Count} matched, {Missing.Count} missing, {Unexpected.Count} unexpected, {MisShaped.Count} of another shape");
        if (Prefix.Length > 0)
            text.Append($"; the prefix {CheckpointFile.Quote(Prefix)} was taken off");
        if (Beside > 0)
            text.Append($"; {Beside} {(Beside == 1 ? "tensor" : "tensors")} beside the network left out");
        Section("missing (the network has them, the file does not)", Missing, m =>
            new NamedShape(m.Name, m.Shape)
            + (m.Nearest.Count > 0 ? $"  near: {string.Join(", ", m.Nearest.Select(CheckpointFile.Quote))}" : ""));
        Section("unexpected (the file has them, the network does not)", Unexpected, u => u.ToString());
        Section("of another shape", MisShaped, m => $"{CheckpointFile.Quote(m.Name)} is ({string.Join(", ", m.Found)}) in the file, "
            + $"({string.Join(", ", m.Expected)}) in the network");
        if (Hint.Length > 0)
            text.Append('\n').Append(Hint);
        return text.ToString();

        void Section<T>(string title, IReadOnlyList<T> items, Func<T, string> line)
        {
            if (items.Count == 0)
                return;
            text.Append('\n').Append(title).Append(':');
            foreach (var item in items.Take(Shown))
                text.Append("\n  ").Append(line(item));
            if (items.Count > Shown)
                text.Append($"\n  … and {items.Count - Shown} more");
        }
    }
}
