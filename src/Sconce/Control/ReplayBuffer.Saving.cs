using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Sconce.Control;

/// <content>How it is saved.</content>
public sealed partial class ReplayBuffer
{
    private const uint Magic = 0x42504C52; // "RLPB"
    private const int Even = 1, Prioritised = 2;    // versions of what is saved
    private const int HeadBytes = 48;

    /// <summary>Writes everything.</summary>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(head, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], priorities is null ? Even : Prioritised);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], capacity);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], width);
        BinaryPrimitives.WriteInt32LittleEndian(head[16..], steps);
        BinaryPrimitives.WriteInt32LittleEndian(head[20..], Count);
        BinaryPrimitives.WriteInt32LittleEndian(head[24..], next);
        BinaryPrimitives.WriteUInt64LittleEndian(head[32..], random);
        BinaryPrimitives.WriteDoubleLittleEndian(head[40..], discount);
        stream.Write(head);
        if (priorities is not null) stream.Write(BitConverter.GetBytes(highest));
        foreach (var part in Parts()) stream.Write(part.Span);
    }

    /// <summary>
    /// Reads what <see cref="Save"/> wrote from a buffer of the same capacity, width, steps and discount; where it fails nothing is
    /// changed. Steps of one that drew evenly have equal priorities.
    /// </summary>
    /// <exception cref="InvalidDataException">It is something else, of other sizes, or cut off.</exception>
    public void Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Span<byte> head = stackalloc byte[HeadBytes];
        if (stream.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) < HeadBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(head) != Magic)
        {
            throw new InvalidDataException("this is no saved replay");
        }
        int version = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        if (version is not (Even or Prioritised))
            throw new InvalidDataException($"a replay of version {version}; {Even} and {Prioritised} are read");
        var (savedCapacity, savedWidth, savedSteps) =
            (BinaryPrimitives.ReadInt32LittleEndian(head[8..]), BinaryPrimitives.ReadInt32LittleEndian(head[12..]),
                BinaryPrimitives.ReadInt32LittleEndian(head[16..]));
        if ((savedCapacity, savedWidth, savedSteps) != (capacity, width, steps) || !BinaryPrimitives.ReadDoubleLittleEndian(head[40..])
            .Equals(discount))
        {
            throw new InvalidDataException(
                $"a replay of {savedCapacity} steps of {savedWidth} numbers with {savedSteps}-step returns; this one has {capacity}, " +
                    $"{width} and {steps}, and another discount perhaps");
        }

        var (count, place) = (BinaryPrimitives.ReadInt32LittleEndian(head[20..]), BinaryPrimitives.ReadInt32LittleEndian(head[24..]));
        if (count < 0 || count > capacity || place < 0 || place >= capacity || (count < capacity && place != count))
        {
            throw new InvalidDataException("the replay's counters are damaged");
        }
        var read = new ReplayBuffer(capacity, width, steps, discount, 0, version == Prioritised) { Count = count };
        Span<byte> most = stackalloc byte[version == Prioritised ? sizeof(double) : 0];
        if (stream.ReadAtLeast(most, most.Length, throwOnEndOfStream: false) < most.Length)
            throw new InvalidDataException("the replay is cut off");
        if (version == Prioritised) read.highest = BinaryPrimitives.ReadDoubleLittleEndian(most);
        foreach (var part in read.Parts())
        {
            if (stream.ReadAtLeast(part.Span, part.Length, throwOnEndOfStream: false) < part.Length)
            {
                throw new InvalidDataException("the replay is cut off");
            }
        }

        if (!(read.highest > 0 && double.IsFinite(read.highest)) || (read.priorities is { } found && !AreSound(found.First(count))))
            throw new InvalidDataException("the replay's priorities are damaged");
        read.observations.CopyTo(observations, 0);
        read.rewards.CopyTo(rewards, 0);
        read.actions.CopyTo(actions, 0);
        read.flags.CopyTo(flags, 0);
        (Count, next, random) = (count, place, BinaryPrimitives.ReadUInt64LittleEndian(head[32..]));
        Take(read);
    }

    /// <summary>The used part of each array as bytes.</summary>
    private Part[] Parts() =>
    [
        new(() => MemoryMarshal.AsBytes(observations.AsSpan(0, Count * width))),
        new(() => MemoryMarshal.AsBytes(rewards.AsSpan(0, Count))),
        new(() => actions.AsSpan(0, Count)),
        new(() => flags.AsSpan(0, Count)),
        new(() => priorities is null ? [] : MemoryMarshal.AsBytes(priorities.First(Count))),
    ];

    private static bool AreSound(ReadOnlySpan<double> priorities)
    {
        foreach (double priority in priorities)
        {
            if (!(priority > 0 && double.IsFinite(priority))) return false;
        }

        return true;
    }

    /// <summary>The priorities of another; all alike where it has none.</summary>
    private void Take(ReplayBuffer read)
    {
        if (priorities is null) return;
        highest = read.highest;
        var own = priorities.First(capacity);
        own.Clear();
        if (read.priorities is { } found) found.First(Count).CopyTo(own);
        else own[..Count].Fill(highest);
        priorities.Sum();
    }

    private delegate Span<byte> Bytes();

    private readonly struct Part(Bytes bytes)
    {
        internal Span<byte> Span => bytes();

        internal int Length => bytes().Length;
    }
}
