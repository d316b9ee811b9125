using Sconce.Data;
using Sconce.Imaging;
using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Data;

/// <summary>Which folders are parts of a set and which are classes.</summary>
public sealed class FolderPartsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-parts-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData("train", "val")]
    [InlineData("Training", "Testing")]
    [InlineData("Train", "Valid")]
    [InlineData("TRAIN", "TEST")]
    [InlineData("training", "validation")]
    [InlineData("train", "dev")]
    [InlineData("train", "eval")]
    [InlineData("trn", "tst")]
    [InlineData("train2017", "val2017")]
    [InlineData("train_set", "test_set")]
    [InlineData("TrainSet", "TestSet")]
    [InlineData("trainset", "testset")]
    [InlineData("Training Data", "Held-Out")]
    [InlineData("seg_train/seg_train", "seg_test/seg_test")]
    [InlineData("images-train", "images-test")]
    public void Parts_are_known_by_every_common_name(string learned, string asked)
    {
        Save($"{learned}/cat", 3);
        Save($"{learned}/dog", 3);
        Save($"{asked}/cat", 2);
        Save($"{asked}/dog", 1);
        var images = Open();
        Assert.Equal(["cat", "dog"], images.Classes);
        Assert.Equal((6, 3), (images.Train.Count, images.Test.Count));
        Assert.Equal([0, 0, 1], images.TestLabels);
        Assert.Equal(3, LabelledImages.OpenTest(root, null).Images.Count);
        Assert.Equal((6, 3), Unlabelled());
    }

    [Theory]
    [InlineData("test")]
    [InlineData("test/unknown")]
    public void A_part_to_be_asked_about_without_classes_is_left_out_and_said(string unsorted)
    {
        Save("train/cat", 4);
        Save("train/dog", 4);
        Save(unsorted, 3);
        var images = Open();
        Assert.Equal(["cat", "dog"], images.Classes);
        Assert.Equal(8, images.Train.Count + images.Test.Count);
        Assert.Contains("not sorted by class", Assert.Single(images.Remarks), StringComparison.Ordinal);
        Assert.All(Enumerable.Range(0, images.Test.Count),
            k => Assert.Contains($"{Path.DirectorySeparatorChar}train{Path.DirectorySeparatorChar}", images.Test.NameOf(k),
            StringComparison.Ordinal));
        Assert.Contains("no part to be asked about", Assert.Throws<DataException>(() => LabelledImages.OpenTest(root, null)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Validation_is_asked_about_before_a_test_part_and_what_lies_beside_is_said()
    {
        foreach (string part in (string[])["train", "val", "test"]) Array.ForEach(["cat", "dog"],
            name => Save($"{part}/{name}", part.Length));
        Save("extra", 1);
        var images = Open();
        Assert.Equal((10, 6), (images.Train.Count, images.Test.Count));
        Assert.Contains("'extra' beside the parts is left out", Assert.Single(images.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_may_be_called_as_a_part()
    {
        Array.ForEach(["bus", "car", "train"], name => Save(name, 3));
        Assert.Equal(["bus", "car", "train"], Open().Classes);
        Array.ForEach(["train_station", "test_tube"], name => Save(name, 3));
        Assert.Equal(5, Open().Classes.Count);
    }

    [Fact]
    public void Names_that_may_mean_one_thing_or_another_are_refused_with_what_to_rename()
    {
        Save("train/cat", 2);
        Save("train/dog", 2);
        Save("foo/cat", 2);
        Assert.Contains("'foo' beside it is no part by its name. Call the part to be asked about val or test", Refused(),
            StringComparison.Ordinal);
        Directory.Move(Path.Combine(root, "foo"), Path.Combine(root, "Training"));
        Assert.Contains("'Training', 'train' may each be the part to learn from", Refused(), StringComparison.Ordinal);
        Directory.Delete(Path.Combine(root, "Training"), recursive: true);
        Directory.Move(Path.Combine(root, "train"), Path.Combine(root, "test"));
        Assert.Contains("call that one train", Refused(), StringComparison.Ordinal);
        Save("learn_from_these/cat", 2);
        Assert.Contains("Call the part to learn from train", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_without_classes_serve_learning_without_labels_alone()
    {
        Save("train", 5);
        Save("test", 2);
        Assert.Equal((5, 2), Unlabelled());
        Assert.Contains("not sorted by class", Refused(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_of_its_own_is_kept_whole_where_it_is_alone()
    {
        Save("train/cat", 4);
        Save("train/dog", 4);
        Assert.Equal(8, Open() is var images ? images.Train.Count + images.Test.Count : 0);
        Assert.Equal(["cat", "dog"], Open().Classes);
    }

    [Fact]
    public void All_pictures_of_a_folder_are_had_or_those_of_one_part()
    {
        Save("train/cat", 2);
        Save("train/dog", 1);
        Save("test", 4);
        Assert.Equal(7, FolderPictures.Open(root).Images.Count);
        Assert.Equal(3, FolderPictures.Open(root, heldOut: false).Images.Count);
        Assert.Equal(4, FolderPictures.Open(root, heldOut: true).Images.Count);
        Assert.Equal(4, FolderPictures.Open(Path.Combine(root, "test")).Images.Count);
        Assert.Contains("no part to be asked about",
            Assert.Throws<DataException>(() =>
            FolderPictures.Open(Path.Combine(root, "test"), heldOut: true)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(root, "void"));
        Assert.Contains("no pictures", Assert.Throws<DataException>(() => FolderPictures.Open(Path.Combine(root, "void"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_figure_that_the_pictures_cannot_give_is_refused_before_training()
    {
        Save("train/cat", 3);
        Save("train/dog", 3);
        Save("val/cat", 2);
        Assert.Equal("f1", Open().Watch("f1"));
        Assert.Contains("all of the class 'cat'", Assert.Throws<UsageException>(() => Open().Watch("auroc")).Message,
            StringComparison.Ordinal);
        Assert.Contains("accuracy, auroc, f1, loss. Did you mean accuracy?",
            Assert.Throws<UsageException>(() => Open().Watch("acuracy")).Message, StringComparison.Ordinal);
    }

    private LabelledImages Open() => LabelledImages.Open(root, null, 0.25, 1);

    private (int, int) Unlabelled() => UnlabelledImages.Open(root, 0.25, 1) is var images ? (images.Train.Count, images.Test.Count)
        : default;

    private string Refused() => Assert.Throws<DataException>(Open).Message;

    private void Save(string place, int count)
    {
        string folder = Path.Combine(root, place);
        Directory.CreateDirectory(folder);
        for (int k = 0; k < count; k++) new Image(4, 4).Save(Path.Combine(folder, $"{k}.png"));
    }
}
