using Sconce.Files;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Data;

/// <summary>
/// Labelled 32x32 photographs in CIFAR-10's binary layout: records of one label byte and 3,072 bytes of planar RGB. A folder holds
/// <c>train.bin</c>, <c>test.bin</c> and <c>labels.txt</c> (a name a line), or the original's <c>data_batch_1.bin</c> …,
/// <c>test_batch.bin</c> and <c>batches.meta.txt</c>. CIFAR-100's records have two label bytes, of which the second (the fine one) counts;
/// its folder holds <c>train.bin</c>, <c>test.bin</c> and <c>fine_label_names.txt</c>. Krizhevsky 2009, "Learning multiple layers of
/// features from tiny images".
/// </summary>
public sealed class CifarBinary
{
    /// <summary>The side of every picture.</summary>
    public const int Size = 32;

    private const int PictureBytes = 3 * Size * Size;
    private const long LargestFile = 1L << 30;

    private CifarBinary(Part train, Part test, IReadOnlyList<string> names)
    {
        Train = train;
        Test = test;
        Names = names;
    }

    /// <summary>The pictures to learn from.</summary>
    public Part Train { get; }

    /// <summary>The pictures to be asked about.</summary>
    public Part Test { get; }

    /// <summary>The classes' names in the order of their numbers.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">Where the files lie.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file does not consist of whole records, or holds a label without a name.</exception>
    public static CifarBinary Read(string folder)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException(
                $"there is no folder '{folder}': it should hold train.bin, test.bin and labels.txt in CIFAR-10's binary layout");
        string[] batches = Directory.GetFiles(folder, "data_batch_*.bin");
        bool original = batches.Length > 0 && !File.Exists(Path.Combine(folder, "train.bin"));
        Array.Sort(batches, StringComparer.Ordinal);
        bool hundred = !original && File.Exists(Path.Combine(folder, "fine_label_names.txt"));
        string namesPath = Existing(folder, original ? "batches.meta.txt" : hundred ? "fine_label_names.txt" : "labels.txt");
        int labelBytes = hundred ? 2 : 1;
        string[] names = [.. TextFiles.ReadLines(namesPath).Take(257).Select(line => line.Trim()).Where(line => line.Length > 0)];
        if (names.Length is < 2 or > 256)
            throw new InvalidDataException($"{namesPath}: {(names.Length > 256 ? "more than 256" : names.Length)} names of classes; there "
                + $"must be 2 to 256, one a line");
        var train = ReadPart(original ? batches : [Existing(folder, "train.bin")], names.Length, labelBytes);
        var test = ReadPart([Existing(folder, original ? "test_batch.bin" : "test.bin")], names.Length, labelBytes);
        return new CifarBinary(train, test, names);
    }

    private static string Existing(string folder, string file)
    {
        string path = Path.Combine(folder, file);
        return File.Exists(path) ? path
            : throw new FileNotFoundException(
                $"'{path}' is missing: a folder in CIFAR-10's binary layout holds train.bin, test.bin and labels.txt", path);
    }

    private static Part ReadPart(IReadOnlyList<string> paths, int classes, int labelBytes)
    {
        int recordBytes = labelBytes + PictureBytes;
        var labels = new List<byte>();
        var pictures = new List<byte[]>();
        foreach (string path in paths)
        {
            long length = new FileInfo(path).Length;
            if (length == 0 || length % recordBytes != 0)
                throw new InvalidDataException($"{path}: {length} bytes are no whole number of records of {recordBytes}. Copy the file "
                    + $"again, or check that it is CIFAR's binary layout (CIFAR-100's folder needs fine_label_names.txt)");
            if (length > LargestFile)
                throw new InvalidDataException($"{path}: {length} bytes are more than the {LargestFile} that are read at most");
            byte[] bytes = RegularFile.ReadAllBytes(path);
            byte[] planes = new byte[bytes.Length / recordBytes * PictureBytes];
            for (int record = 0; record < bytes.Length / recordBytes; record++)
            {
                byte label = bytes[(record * recordBytes) + labelBytes - 1];
                if (label >= classes)
                    throw new InvalidDataException($"{path}: record {record} has the label {label}, but only {classes} classes are named");
                labels.Add(label);
                bytes.AsSpan((record * recordBytes) + labelBytes, PictureBytes).CopyTo(planes.AsSpan(record * PictureBytes));
            }

            pictures.Add(planes);
        }

        return new Part(pictures.Count == 1 ? pictures[0] : [.. pictures.SelectMany(planes => planes)], [.. labels]);
    }

    /// <summary>Pictures with labels.</summary>
    public sealed class Part : IDataset<ImageExample>
    {
        private readonly byte[] pictures;
        private readonly byte[] labels;

        internal Part(byte[] pictures, byte[] labels)
        {
            this.pictures = pictures;
            this.labels = labels;
        }

        /// <summary>How many there are.</summary>
        public int Count => labels.Length;

        /// <summary>The label of each picture.</summary>
        public ReadOnlySpan<byte> Labels => labels;

        /// <summary>The planar RGB bytes of one picture: 3 · 32 · 32.</summary>
        public ReadOnlySpan<byte> Picture(int index) => pictures.AsSpan(index * PictureBytes, PictureBytes);

        /// <summary>One picture with its label.</summary>
        public ImageExample this[int index]
        {
            get
            {
                var image = new Image(Size, Size);
                var (planes, pixels) = (pictures, image.Bytes.Length);
                int start = index * PictureBytes;
                for (int at = 0, o = 0; o < pixels; at++, o += 3)
                {
                    image.Bytes[o] = planes[start + at];
                    image.Bytes[o + 1] = planes[start + (Size * Size) + at];
                    image.Bytes[o + 2] = planes[start + (2 * Size * Size) + at];
                }

                return new ImageExample(image) { Label = labels[index], Name = $"CIFAR picture {index}" };
            }
        }

        /// <summary>All of them: <c>(Count, 3, 32, 32)</c> in [0, 1] and <c>(Count)</c> labels.</summary>
        public (Tensor Pictures, Tensor Labels) ToTensors()
        {
            using var scope = new TensorScope();
            var bytes = Tensor.From(pictures, [Count, 3, Size, Size]);
            return scope.Keep((bytes.To(DType.Float32).DivInPlace(255), Tensor.From(labels).To(DType.Int64)));
        }
    }
}
