namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// Bounds the work on one text. The official repair goes on until nothing changes, which on a text made for it
/// (<c>&amp;amp;amp;amp;…</c>) takes time quadratic in its length; this many characters are looked at, then the text stays as it is.
/// Ordinary text of any length, and any text of a few thousand characters, never meets the bound.
/// </summary>
sealed class RepairBudget(int textLength)
{
    const long Base = 1 << 24;
    const long PerCharacter = 64;

    long left = Base + PerCharacter * textLength;

    /// <summary>Takes a pass over this many characters; false once there is nothing left.</summary>
    public bool Spend(int characters)
    {
        left -= characters + 1;
        return left >= 0;
    }
}
