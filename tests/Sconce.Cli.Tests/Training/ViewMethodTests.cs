using Sconce.Weights;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary><c>sconce train --method</c> for the methods that learn without labels.</summary>
public sealed class ViewMethodTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string run;
    private readonly string other;

    public ViewMethodTests()
    {
        data = TinyPictures.WriteFolder(folder, "photos", 12);
        run = Path.Combine(folder.Path, "run");
        other = Path.Combine(folder.Path, "other");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Barlow_Twins_learns_goes_on_and_its_encoder_is_probed_and_taught_labels()
    {
        string[] command = ["train", "tiny_net", "--method", "barlow-twins", "--data", data, "--batch", "16", "--epochs", "4",
            "--validation", "0.25", "--projector", "64,64", "--lr", "0.5"];
        MethodRuns.StopsAndGoesOn(run, other, 3, command);
        double[] losses = MethodRuns.Losses(run);
        Assert.True(losses[^2..].Average() < losses[..2].Average(), string.Join(' ', losses));
        AssertEncoder(run);
    }

    [Theory]
    [InlineData("swav", "3")]
    [InlineData("seer", "10")]
    public void SwAV_learns_with_a_queue_and_frozen_prototypes_and_goes_on(string method, string rounds)
    {
        string[] command =
        [
            "train", "tiny_net", "--method", method, "--data", data, "--batch", "8", "--epochs", "4", "--validation", "0.25",
            "--prototypes", "12", "--embedding", "8", "--local-views", "2", "--queue", "16",
            "--queue-start", "1", "--freeze-prototypes", "0.5",
        ];
        MethodRuns.StopsAndGoesOn(run, other, 9, command);
        Assert.Equal(rounds, MethodRuns.Option(run, "sinkhorn"));
        AssertEncoder(run);
        using var last = Checkpoint.Open(Path.Combine(run, "last.ckpt"), new CheckpointOptions { Wrapper = "model" });
        Assert.Equal([2L, 16, 8], last["queue.embeddings"].Shape);
        Assert.NotEqual(0, last["queue.embeddings"].ToArray<float>()[^1]);
    }

    [Fact]
    public void Pictures_without_folders_of_classes_are_enough()
    {
        string loose = Path.Combine(folder.Path, "loose");
        Directory.CreateDirectory(loose);
        foreach (string file in Directory.GetFiles(data, "*.png", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(loose, Path.GetFileName(file)));
        string[] command = ["train", "tiny_net", "--method", "barlow_twins", "--data", loose, "--batch", "16", "--epochs", "1",
            "--validation", "0.25", "--projector", "16", "--out", run];
        var ran = MethodRuns.Run(command);
        Assert.True(ran.Status == 0, ran.Error);
        Assert.DoesNotContain("knn", ran.Out, StringComparison.Ordinal);
        var unlabelled = MethodRuns.Run("eval", run);
        Assert.Equal(2, unlabelled.Status);
        Assert.Contains("--data", unlabelled.Error, StringComparison.Ordinal);
        Assert.Equal(0, MethodRuns.Run("eval", run, "--data", data).Status);
        // The same command goes on with a finished run: nothing is left to do.
        Assert.Equal(0, MethodRuns.Run(command).Status);
    }

    [Fact]
    public void A_run_without_labels_embeds_and_says_so_where_it_is_asked_for_classes()
    {
        Assert.Equal(0, MethodRuns.Run("train", "tiny_net", "--method", "barlow_twins", "--data", data, "--batch", "16", "--epochs", "1",
            "--validation", "0.25", "--projector", "16", "--out", run).Status);
        var refused = MethodRuns.Run("classify", run, Path.Combine(data, "blue", "2.png"));
        Assert.Equal(2, refused.Status);
        Assert.Contains("--pretrained", refused.Error, StringComparison.Ordinal);
        Assert.Contains("sconce embed", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("barlow_twins", "--projector", "64,a", "--projector takes with commas between, each a whole number from 1 to 65536")]
    [InlineData("barlow_twins", "--redundancy-weight", "-1", "--redundancy-weight takes a number from 0 on")]
    [InlineData("barlow_twins", "--batch", "64", "there are 36 pictures to learn from")]
    [InlineData("barlow_twins", "--mixup", "1", "--mixup is no option of the method barlow_twins")]
    [InlineData("swav", "--queue", "20", "a multiple of the batch")]
    [InlineData("swav", "--epsilon", "0", "--epsilon takes a number above 0")]
    [InlineData("swav", "--label-smoothing", "0.1", "--label-smoothing is no option of the method swav")]
    public void An_option_that_means_nothing_is_wrong_use(string method, string option, string value, string message)
    {
        var refused = MethodRuns.Run(["train", "tiny_net", "--method", method, "--data", data, "--validation", "0.25", "--out", run,
            .. option == "--batch" ? (string[])[] : ["--batch", "16"], option, value]);
        Assert.Equal(2, refused.Status);
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void The_check_shows_views_and_whether_the_loss_falls()
    {
        var check = MethodRuns.Run("train", "tiny_net", "--method", "barlow_twins", "--data", data, "--batch", "16", "--validation", "0.25",
            "--projector", "32", "--out", run, "--check");
        Assert.True(check.Status == 0, check.Out + check.Error);
        Assert.Contains("the loss of barlow_twins", check.Out, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "check.png")));
    }

    [Fact]
    public void The_published_networks_are_trained_by_their_own_methods()
    {
        var catalogue = Systems.Catalogue.Systems;
        var methods = new Catalogue.CatalogueMethods(catalogue);
        var models = new Catalogue.CatalogueModels(catalogue);
        Assert.Equal("barlow_twins", methods.DefaultFor(models.Get("barlow_twins_resnet50")).Name);
        Assert.Equal("swav", methods.DefaultFor(models.Get("swav_resnet50")).Name);
        Assert.Equal("seer", methods.DefaultFor(models.Get("seer_regnet_y_32gf")).Name);
        Assert.Equal("classifier", methods.DefaultFor(models.Get("frost_wrn28_2")).Name);
    }

    /// <summary>The run's best weights are an encoder: probed, written as features, and a start for a classifier.</summary>
    private void AssertEncoder(string path)
    {
        var evaluated = MethodRuns.Run("eval", path, "--json");
        Assert.True(evaluated.Status == 0, evaluated.Error);
        Assert.InRange(evaluated.Json.GetProperty("figures").GetProperty("accuracy").GetDouble(), 0.25, 1);
        Assert.InRange(evaluated.Json.GetProperty("figures").GetProperty("knn").GetDouble(), 0, 1);
        string features = Path.Combine(folder.Path, "features.npy");
        var written = MethodRuns.Run("features", path, "--data", data, "--out", features);
        Assert.True(written.Status == 0, written.Error);
        using (var numbers = Checkpoint.Open(features)) Assert.Equal([48L, 64], numbers.Tensors.Single().Shape);
        string tuned = Path.Combine(folder.Path, "tuned");
        var taught = MethodRuns.Run("train", "tiny_net", "--data", data, "--pretrained", Path.Combine(path, "best.ckpt"), "--freeze",
            "conv.*", "--batch", "8", "--epochs", "1", "--validation", "0.25", "--out", tuned);
        Assert.True(taught.Status == 0, taught.Error);
        using var before = Checkpoint.Open(Path.Combine(path, "best.ckpt"));
        using var after = Checkpoint.Open(Path.Combine(tuned, "best.ckpt"));
        Assert.Equal(before["conv.weight"].ToArray<float>(), after["conv.weight"].ToArray<float>());
    }
}
