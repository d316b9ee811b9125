namespace Sconce.Bench;

/// <summary>
/// One word of <c>bench/run</c>: the rows that it adds to the table, and what a worker process does for them. Each side of a row runs in a
/// process of its own; outputs are compared before times are.
/// </summary>
internal abstract class BenchGroup
{
    /// <summary>The word that chooses it: <c>bench/run NAME</c>.</summary>
    internal abstract string Name { get; }

    /// <summary>What is measured, against what; a line of <c>bench/run --help</c>.</summary>
    internal abstract string About { get; }

    /// <summary>False for what takes more than ten minutes: it runs only where it is named.</summary>
    internal virtual bool ByDefault => true;

    /// <summary>Prepares files in <see cref="BenchTable.Folder"/> and adds the rows.</summary>
    internal abstract void Measure(BenchTable table);

    /// <summary>A task of this group in a worker process, <c>worker NAME TASK…</c>: what it took, and what it answered.</summary>
    internal virtual Measured Work(string[] task) => throw Unknown(task);

    protected ArgumentException Unknown(string[] task) => new($"{Name} has no task '{string.Join(' ', task)}'");
}
