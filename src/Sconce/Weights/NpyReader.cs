using System.Buffers.Binary;
using System.Text;

namespace Sconce.Weights;

/// <summary>Reads NumPy's arrays, alone (<c>.npy</c>) or in an archive (<c>.npz</c>), by the format's description (<c>numpy/lib/format.py</c>). Object arrays, which are pickles, are refused.</summary>
internal static class NpyReader
{
    public static CheckpointTensor ReadFile(CheckpointFile file) =>
        Read(file, "array", System.IO.Path.GetFileNameWithoutExtension(file.Path), new MappedSource(file.Map, 0, file.Map.Length), (offset, length) => new MappedSource(file.Map, offset, length));

    public static CheckpointDictionary ReadArchive(CheckpointFile file, ZipDirectory zip)
    {
        var root = new CheckpointDictionary();
        foreach (var entry in zip.Entries)
        {
            var source = entry.Open(file, verify: file.Options.Checksums == ChecksumScope.Everything);
            root.Set(entry.Name[..^4], Read(file, $"record {CheckpointFile.Quote(entry.Name)}", entry.Name[..^4], source, (offset, length) => new PartSource(source, offset, length)));
        }
        return root;
    }

    static CheckpointTensor Read(CheckpointFile file, string where, string key, ByteSource bytes, Func<long, long, ByteSource> part)
    {
        CheckpointException Bad(string fault) => file.Fault($"{where}: {fault} {CheckpointFile.Damaged}");

        if (bytes.Length < 10)
            throw Bad($"{bytes.Length} bytes are too few for a NumPy array.");
        var start = bytes.Span(0, 10);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw Bad("it does not begin as a NumPy array does.");
        if (start[6] is not (1 or 2 or 3))
            throw Bad($"format version {start[6]}.{start[7]}, where 3.0 is the last known.");
        var prefix = start[6] == 1 ? 10 : 12;
        if (bytes.Length < prefix)
            throw Bad("the header is cut off.");
        long length = start[6] == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span(8, 4));
        if (length > Math.Min(bytes.Length - prefix, 1 << 20))
            throw Bad($"a header of {length} bytes, where {bytes.Length - prefix} follow.");
        var (code, fortran, shape) = NpyHeader.Parse(Encoding.Latin1.GetString(bytes.Span(prefix, (int)length)), Bad);
        if (!NumpyTypes.TryParse(code, out var dtype, out var swap))
        {
            throw file.Fault(code.Contains('O', StringComparison.Ordinal)
                ? $"{where}: an array of Python objects, which only a pickle can hold. Save numbers instead."
                : $"{where}: NumPy type {CheckpointFile.Quote(code)} is not known to libtorch. Convert the array (astype) and save again.");
        }
        var data = prefix + length;
        NumpyTypes.CheckSize(shape, dtype, bytes.Length - data, Bad);
        var storage = CheckpointStorage.Of(file, key, dtype, part(data, bytes.Length - data), swap);
        return CheckpointTensor.Create(file, where, dtype, shape, NumpyTypes.Strides(shape, fortran), 0, storage);
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
                case "descr" when code is null: code = Peek() is '\'' or '"' ? Quoted() : throw bad("an array of records, of which no tensor can be made."); break;
                case "fortran_order" when fortran is null: fortran = Word() switch { "True" => true, "False" => false, _ => throw Unreadable() }; break;
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
