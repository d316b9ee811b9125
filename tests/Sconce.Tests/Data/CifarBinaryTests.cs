using Sconce.Data;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>CIFAR's binary layout, whole and damaged.</summary>
public sealed class CifarBinaryTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-cifar-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Records_become_pictures_and_labels()
    {
        Write("train.bin", Records(3));
        Write("test.bin", Records(2));
        Names("labels.txt", 3);
        var cifar = CifarBinary.Read(folder);
        Assert.Equal((3, 2), (cifar.Train.Count, cifar.Test.Count));
        Assert.Equal(["class 0", "class 1", "class 2"], cifar.Names);
        Assert.Equal([0, 1, 2], cifar.Train.Labels.ToArray());
        using var scope = new TensorScope();
        var (pictures, labels) = cifar.Train.ToTensors();
        Assert.Equal([3, 3, 32, 32], pictures.Shape.ToArray());
        Assert.Equal([0L, 1, 2], labels.ToArray<long>());
        // Planar: record 1, green (plane 1), row 2, column 5.
        Assert.Equal(Value(1, 1024 + (2 * 32) + 5) / 255f, pictures[1, 1, 2, 5].Item<float>(), 1e-6);
        Assert.Equal(Value(1, 7), cifar.Train.Picture(1)[7]);
    }

    [Fact]
    public void The_original_s_batches_are_read_in_order()
    {
        Write("data_batch_1.bin", Records(2));
        Write("data_batch_2.bin", Records(1));
        Write("test_batch.bin", Records(1));
        Names("batches.meta.txt", 10);
        var cifar = CifarBinary.Read(folder);
        Assert.Equal([0, 1, 0], cifar.Train.Labels.ToArray());
        Assert.Equal(Value(0, 9), cifar.Train.Picture(2)[9]);
    }

    [Fact]
    public void CIFAR_100_s_fine_labels_count()
    {
        byte[] record = [4, 1, .. Enumerable.Range(0, 3072).Select(place => Value(0, place))];
        Write("train.bin", record);
        Write("test.bin", [.. record, .. record]);
        Names("fine_label_names.txt", 2);
        var cifar = CifarBinary.Read(folder);
        Assert.Equal([1], cifar.Train.Labels.ToArray());
        Assert.Equal(2, cifar.Test.Count);
        Assert.Equal(Value(0, 5), cifar.Test.Picture(1)[5]);
    }

    [Fact]
    public void A_part_is_a_set_of_pictures()
    {
        Write("train.bin", Records(3));
        Write("test.bin", Records(1));
        Names("labels.txt", 3);
        IDataset<ImageExample> data = CifarBinary.Read(folder).Train;
        var (example, planes) = (data[2], CifarBinary.Read(folder).Train.Picture(2).ToArray());
        Assert.Equal((3, 2, 32, 32), (data.Count, example.Label, example.Image.Width, example.Image.Height));
        for (int c = 0; c < 3; c++) Assert.Equal(planes[(c * 1024) + (7 * 32) + 9], example.Image.Row(7)[(9 * 3) + c]);
    }

    [Fact]
    public void A_missing_folder_or_file_is_named()
    {
        Assert.Contains("nowhere",
            Assert.Throws<DirectoryNotFoundException>(() => CifarBinary.Read(Path.Combine(folder, "nowhere"))).Message);
        Assert.Contains("labels.txt", Assert.Throws<FileNotFoundException>(() => CifarBinary.Read(folder)).Message);
        Names("labels.txt", 3);
        Write("train.bin", Records(1));
        Assert.Contains("test.bin", Assert.Throws<FileNotFoundException>(() => CifarBinary.Read(folder)).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3072)]
    [InlineData(3074)]
    public void A_file_that_is_no_whole_number_of_records_is_refused(int length)
    {
        Names("labels.txt", 3);
        Write("train.bin", new byte[length]);
        Write("test.bin", Records(1));
        var error = Assert.Throws<InvalidDataException>(() => CifarBinary.Read(folder));
        Assert.Contains("train.bin", error.Message);
        Assert.Contains($"{length} bytes", error.Message);
    }

    [Fact]
    public void A_label_without_a_name_is_refused_with_its_record()
    {
        Names("labels.txt", 2);
        Write("train.bin", Records(3));
        Write("test.bin", Records(1));
        Assert.Contains("record 2 has the label 2", Assert.Throws<InvalidDataException>(() => CifarBinary.Read(folder)).Message);
    }

    private static byte Value(int record, int place) => (byte)((record * 31) + place);

    private static byte[] Records(int count)
    {
        byte[] bytes = new byte[count * 3073];
        for (int record = 0; record < count; record++)
        {
            bytes[record * 3073] = (byte)record;
            for (int place = 0; place < 3072; place++) bytes[(record * 3073) + 1 + place] = Value(record, place);
        }

        return bytes;
    }

    private void Write(string name, byte[] bytes) => File.WriteAllBytes(Path.Combine(folder, name), bytes);

    private void Names(string name, int count) =>
        File.WriteAllLines(Path.Combine(folder, name), Enumerable.Range(0, count).Select(k => $"class {k}"));
}
