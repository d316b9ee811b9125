namespace Sconce.Torch;

/// <summary>
/// The guards of one kind that are open on one thread, with what stood before each. A guard can be copied and disposed twice, so it holds
/// only a place here: closing it closes what was left open inside it, and closing it again does nothing.
/// </summary>
internal sealed class ModeStack<T>
{
    private (long Opening, T Before)[] open = new (long, T)[4];
    private int count;
    private long openings;

    internal Place Push(T before)
    {
        if (count == open.Length) Array.Resize(ref open, 2 * count);
        open[count] = (++openings, before);
        return new Place(count++, openings);
    }

    /// <summary>Takes the innermost of the guard at <paramref name="place"/> and those inside it, until all are gone.</summary>
    internal bool TryPop(Place place, out T before)
    {
        before = default!;
        if (place.Depth >= count || open[place.Depth].Opening != place.Opening) return false;
        before = open[--count].Before;
        open[count] = default;
        return true;
    }

    /// <summary>Where a guard stands; the default one stands nowhere.</summary>
    internal readonly record struct Place(int Depth, long Opening);
}
