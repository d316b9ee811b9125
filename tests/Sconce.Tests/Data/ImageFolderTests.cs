using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>Folders of pictures, tidy and not.</summary>
public sealed class ImageFolderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-folder-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Classes_are_the_subfolders_in_order_and_pictures_lie_at_any_depth()
    {
        Save("dog/b.png");
        Save("dog/a.PNG");
        Save("cat/deep/er/c.png");
        File.WriteAllText(Path.Combine(root, "dog", "notes.txt"), "no picture");
        Save(".hidden/x.png");
        Save("cat/.thumb.png");
        var folder = ImageFolder.Open(root);
        Assert.Equal(["cat", "dog"], folder.Classes);
        Assert.Equal(["cat/deep/er/c.png", "dog/a.PNG", "dog/b.png"],
            folder.Files.Select(f => Path.GetRelativePath(root, f).Replace('\\', '/')));
        Assert.Equal([0, 1, 1], folder.Labels);
        var item = folder[1];
        Assert.Equal((1, folder.Files[1], 6), (item.Label, item.Name, item.Image.Width));
    }

    [Fact]
    public void Labels_follow_the_classes_that_are_asked_for()
    {
        Save("dog/b.png");
        var folder = ImageFolder.Open(root, ["bird", "dog", "cat"]);
        Assert.Equal((1, 3), (folder.Labels[0], folder.Classes.Count));
        Assert.Contains("'dog' is none of the 1 classes", Assert.Throws<DataException>(() => ImageFolder.Open(root, ["dogs"])).Message);
        Assert.Contains("twice", Assert.Throws<DataException>(() => ImageFolder.Open(root, ["dog", "dog"])).Message);
    }

    [Fact]
    public void Classes_that_are_numbers_stand_in_the_order_of_their_values()
    {
        foreach (var name in (string[])["0", "1", "2", "10", "11"]) Save($"{name}/a.png");
        var folder = ImageFolder.Open(root);
        Assert.Equal(["0", "1", "2", "10", "11"], folder.Classes);
        Assert.Contains("sorts them as text (0, 1, 10, 11 …)", Assert.Single(folder.Remarks));
        Save("x/a.png");
        Assert.Equal(["0", "1", "10", "11", "2", "x"], ImageFolder.Open(root).Classes);
    }

    [Fact]
    public void Padded_numbers_need_no_word()
    {
        foreach (var name in (string[])["00", "01", "10"]) Save($"{name}/a.png");
        var folder = ImageFolder.Open(root);
        Assert.Equal(["00", "01", "10"], folder.Classes);
        Assert.Empty(folder.Remarks);
    }

    [Fact]
    public void A_folder_that_is_no_class_is_refused_with_both_lists()
    {
        foreach (var name in (string[])["b", "c", "x"]) Save($"{name}/a.png");
        var error = Assert.Throws<DataException>(() => ImageFolder.Open(root, ["a", "b", "c"]));
        Assert.Contains("'x' is none of the 3 classes", error.Message);
        Assert.Contains("The classes are a, b, c; the folders are b, c, x", error.Message);
    }

    [Fact]
    public void Files_that_are_left_out_are_counted_and_the_first_is_named()
    {
        Save("cat/a.png");
        Save("dog/a.png");
        foreach (var name in (string[])["cat/b.xcf", "cat/c.XCF", "dog/d.psd", "dog/no-extension", "dog/Thumbs.db",
            "dog/.hidden"]) File.WriteAllText(Path.Combine(root, name), "x");
        Save("loose.png");
        Save("__MACOSX/cat/a.png");
        var folder = ImageFolder.Open(root);
        Assert.Equal(["cat", "dog"], folder.Classes);
        Assert.Contains("1 file is left out: only the folders of classes are read: 1 .png; the first is loose.png", folder.Remarks[0]);
        Assert.Contains("4 files are left out", folder.Remarks[1]);
        Assert.Contains("2 .xcf, 1 without an extension, 1 .psd; the first is " + Path.Combine("cat", "b.xcf"), folder.Remarks[1]);
        Directory.CreateDirectory(Path.Combine(root, "owl"));
        File.WriteAllText(Path.Combine(root, "owl", "a.xcf"), "x");
        Assert.Contains("1 file is left out: no picture: 1 .xcf", Assert.Throws<DataException>(() => ImageFolder.Open(root)).Message);
    }

    [Fact]
    public void One_class_with_one_picture_is_a_set()
    {
        Save("only/a.png");
        var folder = ImageFolder.Open(root);
        Assert.Equal((1, 1, 0), (folder.Count, folder.Classes.Count, folder.Labels[0]));
    }

    [Fact]
    public void A_folder_that_is_missing_empty_or_unsorted_says_what_to_do()
    {
        Assert.Contains("no such folder", Assert.Throws<DataException>(() => ImageFolder.Open(Path.Combine(root, "nowhere"))).Message);
        Assert.Contains("the folder is empty", Assert.Throws<DataException>(() => ImageFolder.Open(root)).Message);
        Save("a.png");
        Assert.Contains("one subfolder a class", Assert.Throws<DataException>(() => ImageFolder.Open(root)).Message);
        Assert.Contains("a file, not a folder", Assert.Throws<DataException>(() => ImageFolder.Open(Path.Combine(root, "a.png"))).Message);
        Directory.CreateDirectory(Path.Combine(root, "void"));
        Assert.Contains("void", Assert.Throws<DataException>(() => ImageFolder.Open(root)).Message);
    }

    [Fact]
    public void A_link_that_leads_back_is_refused_and_one_that_leads_on_is_followed()
    {
        Save("cat/a.png");
        var elsewhere = Directory.CreateTempSubdirectory("sconce-elsewhere-").FullName;
        try
        {
            File.Copy(Path.Combine(root, "cat", "a.png"), Path.Combine(elsewhere, "b.png"));
            Directory.CreateSymbolicLink(Path.Combine(root, "cat", "more"), elsewhere);
            Assert.Equal(2, ImageFolder.Open(root).Count);
            Directory.CreateSymbolicLink(Path.Combine(root, "cat", "loop"), root);
            Assert.Contains("leads back", Assert.Throws<DataException>(() => ImageFolder.Open(root)).Message);
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
    }

    [Fact]
    public void Broken_files_among_good_ones_are_each_named()
    {
        Save("cat/a.png");
        Save("cat/d.png");
        File.WriteAllBytes(Path.Combine(root, "cat", "b.png"), File.ReadAllBytes(Path.Combine(root, "cat", "a.png"))[..40]);
        File.WriteAllText(Path.Combine(root, "cat", "c.jpg"), "<html>not found</html>");
        var folder = ImageFolder.Open(root);
        Pipeline steps = [new Resize(4, 4)];
        var stopped = Assert.Throws<DataException>(() => Count(ImageLoader.Create(folder, steps)));
        Assert.Equal(Path.Combine(root, "cat", "b.png"), stopped.Place);
        var faults = new List<ItemFault>();
        Assert.Equal(2, Count(ImageLoader.Create(folder, steps, new() { OnFault = FaultPolicy.Skip, Fault = faults.Add })));
        Assert.Equal(["b.png", "c.jpg"], faults.Select(f => Path.GetFileName(f.Name)));
        Assert.All(faults, f => Assert.IsType<ImageException>(f.Error));
    }

    private static int Count(IBatchSource<ImageBatch> source)
    {
        var count = 0;
        foreach (var batch in source.Epoch(0).ToBlockingEnumerable(TestContext.Current.CancellationToken))
        {
            count += batch.Count;
            batch.Dispose();
        }
        return count;
    }

    private void Save(string path)
    {
        var full = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        new Image(6, 5).Save(full);
    }
}
