using Sconce.Torch;

namespace Sconce.Systems.Generation;

/// <summary>Tells of each code that is drawn, and ends the work between two.</summary>
internal sealed class Drawn(int done, int total, IProgress<WorkProgress>? progress, CancellationToken cancellation)
{
    private const int Parts = 100;

    /// <summary>So many of the codes of this picture are there.</summary>
    internal void Tell(int count, int all)
    {
        cancellation.ThrowIfCancellationRequested();
        progress?.Report(new WorkProgress("drawing codes", (done * Parts) + ((long)count * Parts / all), (long)total * Parts));
    }
}

/// <summary>Chance of pictures that are drawn code by code.</summary>
internal static class CodeChance
{
    /// <summary>A source of chance for each picture: its seed and its place decide it, whatever is drawn beside it.</summary>
    internal static List<Generator> Of(ulong seed, int first, int count) =>
        [.. Enumerable.Range(first, count).Select(place => new Generator(unchecked((seed * 0x9E3779B97F4A7C15) + (ulong)place)))];
}
