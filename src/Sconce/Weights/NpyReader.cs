using System.Buffers.Binary;
using System.Text;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>Reads NumPy's arrays, alone (<c>.npy</c>) or in an archive (<c>.npz</c>), by the format's description
/// (<c>numpy/lib/format.py</c>). Object arrays, which are pickles, are refused.</summary>
internal static class NpyReader
{
    const int MostHeader = 12 + (1 << 20);

    public static CheckpointTensor ReadFile(CheckpointFile file) =>
        Read(file, "array", System.IO.Path.GetFileNameWithoutExtension(file.Path), alone: true,
            file.Map.Span(0, (int)Math.Min(file.Map.Length, MostHeader)), file.Map.Length,
            (offset, length) => new MappedSource(file.Map, offset, length));

    public static CheckpointDictionary ReadArchive(CheckpointFile file, ZipDirectory zip)
    {
        var root = new CheckpointDictionary();
        foreach (var entry in zip.Entries)
        {
            var source = entry.Open(file, verify: file.Options.Checksums == ChecksumScope.Everything);
            // Of what is compressed only the header is unpacked here: a list of arrays needs no more.
            var head = entry.Stored ? source.Span(0, (int)Math.Min(source.Length, MostHeader)) : entry.Head(file, MostHeader);
            var key = entry.Name[..^4];
            root.Set(key, Read(file, $"record {CheckpointFile.Quote(entry.Name)}", key, alone: false, head, entry.Size,
                (offset, length) => new PartSource(source, offset, length)));
        }
        return root;
    }

    /// <param name="file">The file.</param>
    /// <param name="where">The record, for faults.</param>
    /// <param name="key">The array's name.</param>
    /// <param name="alone">Whether it is the file's only one; in an archive one of a strange type must not hide the others.</param>
    /// <param name="bytes">Its beginning, the header at least.</param>
    /// <param name="size">Its bytes, the header included.</param>
    /// <param name="part">A part of them.</param>
    static CheckpointTensor Read(CheckpointFile file, string where, string key, bool alone, ReadOnlySpan<byte> bytes, long size, Func<long,
        long, ByteSource> part)
    {
        CheckpointException Bad(string fault) => file.Fault($"{where}: {fault} {CheckpointFile.Damaged}");

        if (bytes.Length < 10)
            throw Bad($"{bytes.Length} bytes are too few for a NumPy array.");
        var start = bytes[..10];
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw Bad("it does not begin as a NumPy array does.");
        if (start[6] is not (1 or 2 or 3))
            throw Bad($"format version {start[6]}.{start[7]}, where 3.0 is the last known.");
        var prefix = start[6] == 1 ? 10 : 12;
        if (bytes.Length < prefix)
            throw Bad("the header is cut off.");
        long length = start[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(8, 4));
        if (length > bytes.Length - prefix)
            throw Bad($"a header of {length} bytes, where {Math.Min(size, MostHeader) - prefix} follow or are allowed.");
        var (code, fortran, shape) = NpyHeader.Parse(Encoding.Latin1.GetString(bytes.Slice(prefix, (int)length)), Bad);
        var data = prefix + length;
        var strides = NumpyTypes.Strides(shape, fortran);
        if (StoredType.InNumpy(code) is { } stored)
        {
            NumpyTypes.CheckSize(shape, stored.Width, stored.Name, size - data, Bad);
            return CheckpointTensor.Widened(file, where, stored, shape, strides, key, part(data, size - data), code.StartsWith('>'));
        }
        if (!NumpyTypes.TryParse(code, out var dtype, out var swap))
        {
            if (!alone)
                return CheckpointTensor.Opaque(file, code, shape, size - data);
            throw file.Fault(code.Contains('O', StringComparison.Ordinal)
                ? $"{where}: an array of Python objects, which only a pickle can hold. Save numbers instead."
                : $"{where}: NumPy type {CheckpointFile.Quote(code)} is not known to libtorch. Convert the array (astype) and save again.");
        }
        NumpyTypes.CheckSize(shape, dtype.Size(), dtype.TorchName(), size - data, Bad);
        var storage = CheckpointStorage.Of(file, key, dtype, part(data, size - data), swap);
        return CheckpointTensor.Create(file, where, dtype, shape, strides, 0, storage);
    }

    sealed unsafe class PartSource(ByteSource whole, long offset, long length) : ByteSource(length)
    {
        public override byte* Pointer => whole.Pointer + offset;
    }
}

/// <summary>The header of a NumPy array: a Python dictionary in text with the keys descr, fortran_order and shape.</summary>
internal static class NpyHeader
{
    public static (string Code, bool Fortran, long[] Shape) Parse(string text, Func<string, CheckpointException> bad)
    {
        var at = 0;
        string? code = null;
        bool? fortran = null;
        long[]? shape = null;
        Expect('{');
        while (!Take('}'))
        {
            var key = Quoted();
            Expect(':');
            switch (key)
            {
                case "descr" when code is null:
                    code = Peek() is '\'' or '"'
                ? Quoted() : throw bad("an array of records, of which no tensor can be made."); break;
                case "fortran_order" when fortran is null:
                    fortran =
                Word() switch { "True" => true, "False" => false, _ => throw Unreadable() }; break;
                case "shape" when shape is null: shape = Tuple(); break;
                default: throw Unreadable();
            }
            if (!Take(','))
            {
                Expect('}');
                break;
            }
        }
        if (text[at..].Trim().Length > 0 || code is null || fortran is null || shape is null)
            throw Unreadable();
        return (code, fortran.Value, shape);

        CheckpointException Unreadable() => bad($"its header {CheckpointFile.Quote(text.Trim())} is not a NumPy array's.");

        char Peek()
        {
            while (at < text.Length && text[at] is ' ' or '\n')
                at++;
            return at < text.Length ? text[at] : throw Unreadable();
        }

        bool Take(char c)
        {
            if (Peek() != c)
                return false;
            at++;
            return true;
        }

        void Expect(char c)
        {
            if (!Take(c))
                throw Unreadable();
        }

        string Quoted()
        {
            var quote = Peek();
            var end = quote is '\'' or '"' ? text.IndexOf(quote, at + 1) : -1;
            if (end < 0)
                throw Unreadable();
            var inside = text[(at + 1)..end];
            at = end + 1;
            return inside;
        }

        string Word()
        {
            Peek();
            var begin = at;
            while (at < text.Length && char.IsAsciiLetterOrDigit(text[at]))
                at++;
            return text[begin..at];
        }

        long[] Tuple()
        {
            var sizes = new List<long>();
            Expect('(');
            while (!Take(')'))
            {
                sizes.Add(sizes.Count < 64 && long.TryParse(Word().TrimEnd('L'), out var n) ? n : throw Unreadable());
                if (!Take(','))
                {
                    Expect(')');
                    break;
                }
            }
            return [.. sizes];
        }
    }
}
