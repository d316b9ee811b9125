using System.Buffers.Binary;
using System.Text;
using Sconce.Data;
using Xunit;

namespace Sconce.Tests.Data;

public sealed class PointFileTests : IDisposable
{
    private const string Head = "element vertex 2\nproperty float x\nproperty uchar red\nproperty double y\nproperty float z\nend_header\n";
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-points-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Text_and_little_endian_are_the_same_points()
    {
        float[] expected = [1, 2, 3, -4, 5.5f, 6];
        Assert.Equal(expected, PointFile.Read(File("a.xyz", "# a remark\n1 2 3\n-4,5.5,6\n")));
        Assert.Equal(expected, PointFile.Read(File("a.ply", $"ply\nformat ascii 1.0\n{Head}1 255 2 3\n-4 0 5.5 6\n")));
        byte[] points = new byte[2 * 17];
        for (int k = 0; k < 2; k++)
        {
            var point = points.AsSpan(17 * k);
            BinaryPrimitives.WriteSingleLittleEndian(point, expected[3 * k]);
            BinaryPrimitives.WriteDoubleLittleEndian(point[5..], expected[(3 * k) + 1]);
            BinaryPrimitives.WriteSingleLittleEndian(point[13..], expected[(3 * k) + 2]);
        }

        string binary = Path.Combine(folder, "b.ply");
        System.IO.File.WriteAllBytes(binary, [.. Encoding.ASCII.GetBytes($"ply\nformat binary_little_endian 1.0\n{Head}"), .. points]);
        Assert.Equal(expected, PointFile.Read(binary));
    }

    [Theory]
    [InlineData("a.xyz", "1 2 3\n4 5 6\n7 8\n", "line 3")]
    [InlineData("a.xyz", "1 2 nan\n", "NaN")]
    [InlineData("a.xyz", "", "no points")]
    [InlineData("a.ply", "solid\n", "no PLY")]
    [InlineData("a.ply", "ply\nformat binary_big_endian 1.0\n" + Head, "binary_big_endian")]
    [InlineData("a.ply", "ply\nformat binary_little_endian 1.0\n" + Head, "ends after 0")]
    [InlineData("a.ply", "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n", "x, y and z")]
    [InlineData("a.stl", "1 2 3", ".stl")]
    public void What_is_damaged_is_named(string name, string content, string expected)
    {
        string path = File(name, content);
        var fault = Assert.Throws<DataException>(() => PointFile.Read(path));
        Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    private string File(string name, string content)
    {
        string path = Path.Combine(folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}
