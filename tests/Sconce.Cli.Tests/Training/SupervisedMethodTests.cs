using Xunit;

namespace Sconce.Cli.Tests;

/// <summary><c>sconce train --method</c> for the methods that end with a classifier.</summary>
public sealed class SupervisedMethodTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string run;
    private readonly string other;

    public SupervisedMethodTests()
    {
        data = TinyPictures.WriteFolder(folder, "photos", 12);
        run = Path.Combine(folder.Path, "run");
        other = Path.Combine(folder.Path, "other");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void GradAug_learns_goes_on_and_is_asked_as_a_classifier()
    {
        string[] command = ["train", "tiny_slim", "--method", "gradaug", "--data", data, "--size", "16", "--batch", "8", "--epochs", "3",
            "--validation", "0.25", "--sub-networks", "2", "--average", "exponential"];
        MethodRuns.StopsAndGoesOn(run, other, 7, command);
        Assert.Equal("16,14,12", MethodRuns.Option(run, "resolutions"));
        Assert.Equal("0.8", MethodRuns.Option(run, "minWidth"));
        AssertClassifier(run);
        // The sub-networks' losses are part of the step: without them another run.
        string plain = Path.Combine(folder.Path, "plain");
        Assert.Equal(0, MethodRuns.Run("train", "tiny_slim", "--data", data, "--size", "16", "--batch", "8", "--epochs", "1",
            "--validation", "0.25", "--out", plain).Status);
        Assert.NotEqual(MethodRuns.Losses(plain)[1], MethodRuns.Losses(run)[1]);
    }

    [Fact]
    public void GradAug_is_for_networks_that_can_be_narrowed()
    {
        var refused = MethodRuns.Run("train", "tiny_net", "--method", "gradaug", "--data", data, "--out", run);
        Assert.Equal(2, refused.Status);
        Assert.Contains("gradaug_resnet50", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void ResNet_50_has_a_slimmable_twin()
    {
        var models = new Catalogue.CatalogueModels(Systems.Catalogue.Systems);
        Assert.Equal("gradaug_resnet50",
            new Catalogue.CatalogueMethods(Systems.Catalogue.Systems).Get("GradAug").StandIn(models.Get("resnet50")).Name);
    }

    [Fact]
    public void GradAug_can_be_checked_and_takes_several_batches_a_step_in_lower_precision()
    {
        string[] command = ["train", "tiny_slim", "--method", "gradaug", "--data", data, "--size", "16", "--batch", "8", "--epochs", "1",
            "--validation", "0.25"];
        var check = MethodRuns.Run([.. command, "--out", run, "--check"]);
        Assert.Contains("the loss of gradaug", check.Out, StringComparison.Ordinal);
        var ran = MethodRuns.Run([.. command, "--accumulate", "2", "--amp", "--out", other]);
        Assert.True(ran.Status == 0, ran.Error);
        Assert.Equal(2, MethodRuns.Losses(other).Length);
    }

    [Theory]
    [InlineData("--min-width", "1.5", "--min-width takes a number above 0 and below 1, not '1.5'")]
    [InlineData("--min-width", "none", "--min-width takes a number above 0 and below 1, not 'none'")]
    [InlineData("--resolutions", "16,x", "--resolutions takes with commas between, each a whole number from 8 to 4096")]
    [InlineData("--sub-networks", "0", "--sub-networks takes a whole number from 1 to 16")]
    [InlineData("--temperature", "2", "--temperature is no option of the method gradaug: it goes with the method")]
    [InlineData("--sub-network", "2", "--sub-networks")]
    public void An_option_of_a_method_that_means_nothing_is_wrong_use(string option, string value, string message)
    {
        var refused = MethodRuns.Run("train", "tiny_slim", "--method", "gradaug", "--data", data, "--out", run, option, value);
        Assert.Equal(2, refused.Status);
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void An_unknown_method_names_the_nearest()
    {
        var refused = MethodRuns.Run("train", "tiny_net", "--method", "distilation", "--data", data, "--out", run);
        Assert.Equal(2, refused.Status);
        Assert.Contains("distillation", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"network\": \"tiny_slim\", \"method\": \"gradaugg\"}", "gradaug")]
    [InlineData("{\"network\": \"tiny_slim\", \"method\": \"gradaug\", \"methodOptions\": {\"minwidth\": 0.5}}", "minWidth")]
    [InlineData("{\"network\": \"tiny_slim\", \"method\": \"gradaug\", \"methodOptions\": {\"minWidth\": 2}}", "minWidth takes")]
    [InlineData("{\"network\": \"tiny_slim\", \"method\": \"gradaug\", \"methodOptions\": 3}", "methodOptions")]
    [InlineData("{\"network\": \"tiny_slim\", \"methodOptions\": {\"minWidth\": 0.5}}", "has no setting")]
    public void A_configuration_of_a_method_that_means_nothing_is_wrong_use(string json, string message)
    {
        var refused = MethodRuns.Run("train", "--config", folder.File("config.json", json), "--data", data, "--out", run);
        Assert.Equal(2, refused.Status);
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
        Assert.Single(refused.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Going_on_with_another_option_or_method_is_an_error_that_names_it()
    {
        string[] command = ["train", "tiny_slim", "--method", "gradaug", "--data", data, "--size", "16", "--batch", "8", "--epochs", "1",
            "--validation", "0.25", "--out", run];
        Assert.Equal(0, MethodRuns.Run(command).Status);
        var option = MethodRuns.Run([.. command, "--min-width", "0.5"]);
        Assert.Equal(2, option.Status);
        Assert.Contains("minWidth 0.8 (asked: 0.5)", option.Error, StringComparison.Ordinal);
        var method = MethodRuns.Run("train", "--method", "classifier", "--data", data, "--out", run);
        Assert.Equal(2, method.Status);
        Assert.Contains("gradaug (asked: classifier)", method.Error, StringComparison.Ordinal);
        Assert.Equal(0, MethodRuns.Run("train", "--config", Path.Combine(run, "config.json"), "--out", other).Status);
        Assert.Equal(MethodRuns.Losses(run), MethodRuns.Losses(other));
    }

    [Fact]
    public void Help_shows_a_methods_own_options_where_it_is_named()
    {
        Assert.DoesNotContain("--min-width", MethodRuns.Run("train", "--help").Out, StringComparison.Ordinal);
        Assert.Contains("--method", MethodRuns.Run("train", "--help").Out, StringComparison.Ordinal);
        string help = MethodRuns.Run("train", "--method", "gradaug", "--help").Out;
        Assert.Contains("--min-width", help, StringComparison.Ordinal);
        Assert.Contains("sconce train resnet50 --method gradaug", help, StringComparison.Ordinal);
        Assert.DoesNotContain("--temperature", help, StringComparison.Ordinal);
    }

    [Fact]
    public void No_setting_of_a_method_has_the_name_of_a_groups_and_what_a_run_begins_with_is_in_range()
    {
        foreach (var method in new MethodSystem().Methods)
        {
            Assert.Equal(method.Name, method.Start().Method);
            var settings = method.Settings.Schema.All; // two of one name are refused here
            Assert.Same(method.Settings.Start, method.Settings.Verified(method.Settings.Start));
            Assert.NotEmpty(settings);
        }
    }

    [Fact]
    public void A_student_learns_what_its_teacher_says()
    {
        string teacher = Path.Combine(folder.Path, "teacher");
        Assert.Equal(0, MethodRuns.Run("train", "tiny_net", "--data", data, "--batch", "8", "--epochs", "12", "--validation", "0.25",
            "--out", teacher).Status);
        string[] command = ["train", "tiny_other", "--method", "distillation", "--teacher", teacher, "--data", data, "--batch", "8",
            "--epochs", "6", "--validation", "0.25", "--temperature", "3"];
        MethodRuns.StopsAndGoesOn(run, other, 5, command);
        AssertClassifier(run);
        double[] losses = MethodRuns.Losses(run);
        Assert.True(losses[^4..].Average() < losses[..4].Average(), string.Join(' ', losses));
        // An encoder that learned without labels is no teacher.
        string encoder = Path.Combine(folder.Path, "encoder");
        Assert.Equal(0, MethodRuns.Run("train", "tiny_net", "--method", "barlow_twins", "--data", data, "--batch", "16", "--epochs", "1",
            "--validation", "0.25", "--projector", "16", "--out", encoder).Status);
        var unlabelled = MethodRuns.Run("train", "tiny_other", "--method", "distillation", "--teacher", encoder, "--data", data, "--out",
            Path.Combine(folder.Path, "third"));
        Assert.Equal(2, unlabelled.Status);
        Assert.Contains("no classifier", unlabelled.Error, StringComparison.Ordinal);
        // Moved or gone, the teacher is missed by name.
        Directory.Delete(teacher, recursive: true);
        var refused = MethodRuns.Run([.. command[..4], "--data", data, "--out", Path.Combine(folder.Path, "third"), "--teacher", teacher]);
        Assert.Equal(2, refused.Status);
        Assert.Contains("--teacher", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_of_other_classes_is_refused()
    {
        string fewer = TinyPictures.WriteFolder(folder, "fewer", 6), teacher = Path.Combine(folder.Path, "teacher");
        Directory.Delete(Path.Combine(fewer, "grey"), recursive: true);
        Assert.Equal(0, MethodRuns.Run("train", "tiny_net", "--data", fewer, "--batch", "4", "--epochs", "1", "--validation", "0.3",
            "--out", teacher).Status);
        var refused = MethodRuns.Run("train", "tiny_net", "--method", "distillation", "--teacher", teacher, "--data", data, "--out", run);
        Assert.Equal(2, refused.Status);
        Assert.Contains("3 classes", refused.Error, StringComparison.Ordinal);
        Assert.Contains("the data have 4", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("forward")]
    [InlineData("backward")]
    public void Labels_of_which_a_share_is_wrong_are_corrected_for(string correction)
    {
        string[] command = ["train", "tiny_net", "--method", "noise-correction", "--noise", "0.3", "--correction", correction, "--data",
            data, "--batch", "8", "--epochs", "4", "--validation", "0.25", "--clip", "5"];
        MethodRuns.StopsAndGoesOn(run, other, 6, command);
        AssertClassifier(run);
        var refused = MethodRuns.Run([.. command, "--mixup", "0.2", "--out", Path.Combine(folder.Path, "third")]);
        Assert.Equal(2, refused.Status);
        Assert.Contains("--mixup", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ReLabel_has_its_maps_made_once_and_learns_from_crops()
    {
        string annotator = Path.Combine(folder.Path, "annotator");
        Assert.Equal(0, MethodRuns.Run("train", "tiny_net", "--data", data, "--batch", "8", "--epochs", "12", "--validation", "0.25",
            "--out", annotator).Status);
        string[] command =
        [
            "train", "tiny_other", "--method", "relabel", "--annotator", annotator, "--data", data, "--batch", "8", "--epochs", "4",
            "--validation", "0.25", "--top", "3", "--cutmix", "1", "--optimizer", "adamp",
            "--unmixed-epochs", "1",
        ];
        MethodRuns.StopsAndGoesOn(run, other, 6, command);
        AssertClassifier(run);
        string[] maps = Directory.GetFiles(Path.Combine(run, "maps"), "*.npy", SearchOption.AllDirectories);
        Assert.Equal(36, maps.Length);
        using (var map = Weights.Checkpoint.Open(maps[0])) Assert.Equal([2L, 3, 8, 8], map.Tensors.Single().Shape);
        // Another annotator's maps are not taken for this one's.
        string third = Path.Combine(folder.Path, "third");
        var refused = MethodRuns.Run("train", "tiny_other", "--method", "relabel", "--annotator", annotator, "--maps",
            Path.Combine(run, "maps"), "--top", "2", "--data", data, "--batch", "8", "--validation", "0.25", "--out", third);
        Assert.Equal(2, refused.Status);
        Assert.Contains("made otherwise", refused.Error, StringComparison.Ordinal);
        // Without the annotator they are enough.
        var again = MethodRuns.Run("train", "tiny_other", "--method", "relabel", "--maps", Path.Combine(run, "maps"), "--data", data,
            "--batch", "8", "--epochs", "1", "--validation", "0.25", "--out", third);
        Assert.True(again.Status == 0, again.Error);
    }

    [Fact]
    public void What_was_decided_stands_without_the_annotators_map()
    {
        string annotator = Path.Combine(folder.Path, "annotator"), decided = Path.Combine(folder.Path, "decided");
        Assert.Equal(0, MethodRuns.Run("train", "tiny_net", "--data", data, "--batch", "8", "--epochs", "1", "--validation", "0.25",
            "--out", annotator).Status);
        TinyPictures.Noise(decided, "red", 1);
        var ran = MethodRuns.Run("train", "tiny_other", "--method", "relabel", "--annotator", annotator, "--data", data, "--batch", "8",
            "--epochs", "1", "--validation", "0.25", "--top", "3", "--decisions", decided, "--out", run);
        Assert.True(ran.Status == 0, ran.Error);
        Assert.Contains("1 decided picture is learned from (red 1)", ran.Error, StringComparison.Ordinal);
        Assert.Equal(36, Directory.GetFiles(Path.Combine(run, "maps"), "*.npy", SearchOption.AllDirectories).Length);
        // Nor does it take maps that others made to have one of it.
        var again = MethodRuns.Run("train", "tiny_other", "--method", "relabel", "--maps", Path.Combine(run, "maps"), "--data", data,
            "--batch", "8", "--epochs", "1", "--validation", "0.25", "--decisions", decided, "--out", other);
        Assert.True(again.Status == 0, again.Error);
    }

    [Fact]
    public void ReLabel_asks_for_an_annotator_that_leaves_maps()
    {
        var missing = MethodRuns.Run("train", "tiny_net", "--method", "relabel", "--data", data, "--out", run);
        Assert.Equal(2, missing.Status);
        Assert.Contains("--annotator is missing", missing.Error, StringComparison.Ordinal);
        string annotator = Path.Combine(folder.Path, "annotator");
        Assert.Equal(0, MethodRuns.Run("train", "tiny_flat", "--data", data, "--batch", "8", "--epochs", "1", "--validation", "0.25",
            "--out", annotator).Status);
        var unfit = MethodRuns.Run("train", "tiny_net", "--method", "relabel", "--annotator", annotator, "--data", data, "--validation",
            "0.25", "--out", other);
        Assert.Equal(2, unfit.Status);
        Assert.Contains("tiny_flat leaves no label maps", unfit.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("adamp")]
    [InlineData("sgdp")]
    [InlineData("larc")]
    public void An_optimiser_goes_on_as_if_it_was_never_stopped(string optimizer) =>
        MethodRuns.StopsAndGoesOn(run, other, 5, "train", "tiny_net", "--optimizer", optimizer, "--data", data, "--batch", "8", "--epochs",
            "2", "--validation", "0.25", "--weight-decay", "0.01");

    private void AssertClassifier(string path)
    {
        var evaluated = MethodRuns.Run("eval", path, "--json");
        Assert.True(evaluated.Status == 0, evaluated.Error);
        Assert.Equal(MethodRuns.Figures(path, "accuracy").Max(),
            evaluated.Json.GetProperty("figures").GetProperty("accuracy").GetDouble(), 1e-6);
        var predicted = MethodRuns.Run("predict", path, "--image", Path.Combine(data, "blue", "2.png"), "--json");
        Assert.Equal(4, predicted.Json[0].GetProperty("predictions").GetArrayLength());
        var features = MethodRuns.Run("features", path, "--data", data, "--out", Path.Combine(folder.Path, "features.npy"));
        Assert.True(features.Status == 0, features.Error);
    }
}
