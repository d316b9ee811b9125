using Sconce.Data;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Data;

public sealed class PictureInspectionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-data-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Copies_and_pictures_that_look_alike_are_found_across_classes()
    {
        Save("cat/1.png", Gradient(40, 30, 0));
        Save("cat/2.png", Gradient(40, 30, 80));
        Save("dog/1.png", Gradient(80, 60, 0));      // the first at another size
        Directory.CreateDirectory(Path.Combine(folder, "bird"));
        File.Copy(Path.Combine(folder, "cat/2.png"), Path.Combine(folder, "bird/copy.png"));
        File.WriteAllText(Path.Combine(folder, "dog/broken.png"), "no picture");
        var found = PictureInspection.Of(folder);
        Assert.Equal(4, found.Pictures.Count);
        Assert.Equal([("bird", 1), ("cat", 2), ("dog", 1)], found.Classes);
        Assert.Equal("broken.png", Path.GetFileName(Assert.Single(found.Broken).Path));
        Assert.Equal(["copy.png", "2.png"], Assert.Single(found.Duplicates).Select(picture => Path.GetFileName(picture.Mark.Path)));
        Assert.Equal(["1.png", "1.png"], Assert.Single(found.Alike).Select(picture => Path.GetFileName(picture.Mark.Path)));
        Assert.Equal(2, found.InTwoClasses.Count);
        Assert.Empty(found.InTwoParts);
        Assert.Equal((40, 30, 3), found.Sizes[0]);
    }

    [Fact]
    public void A_picture_that_is_learned_and_asked_about_is_told()
    {
        foreach (string place in (string[])["train/a/1.png", "train/b/2.png", "test/a/1.png"]) Save(place,
            Gradient(32, 32, place.Length * 7));
        File.Copy(Path.Combine(folder, "train/b/2.png"), Path.Combine(folder, "test/a/leak.png"));
        Assert.NotEmpty(PictureInspection.Of(folder).InTwoParts);
    }

    [Fact]
    public void A_folder_without_pictures_is_no_data()
    {
        Assert.Throws<DataException>(() => PictureInspection.Of(folder));
        Assert.Throws<DataException>(() => PictureInspection.Of(Path.Combine(folder, "none")));
    }

    private static Image Gradient(int width, int height, int turn)
    {
        byte[] pixels = new byte[width * height * 3];
        for (int k = 0; k < width * height; k++)
        {
            double x = (double)(k % width) / width, y = (double)(k / width) / height;
            byte value = (byte)(127 + (127 * Math.Sin((6 * x) + (turn * y / 10))));
            (pixels[3 * k], pixels[(3 * k) + 1], pixels[(3 * k) + 2]) = (value, value, value);
        }

        return Image.FromPixels(width, height, 3, (ReadOnlySpan<byte>)pixels);
    }

    private void Save(string name, Image picture)
    {
        string path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        picture.Save(path);
    }
}
