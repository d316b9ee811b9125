using System.Text.Json;
using Sconce.Weights;
using Xunit;

namespace Sconce.Cli.Tests;

public sealed class TrainTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string run;

    public TrainTests()
    {
        data = TinyPictures.Write(folder);
        run = Path.Combine(folder.Path, "run");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_run_learns_is_evaluated_and_predicts_with_its_classes()
    {
        var trained = Train("--epochs", "12", "--json");
        Assert.True(trained.Status == 0, trained.Error);
        Assert.True(trained.Json.GetProperty("best").GetProperty("figures").GetProperty("accuracy").GetDouble() > 0.9);
        Assert.Equal(12, trained.Json.GetProperty("history").GetArrayLength());
        var evaluated = Tiny.Run("eval", run, "--json");
        Assert.Equal(trained.Json.GetProperty("best").GetProperty("figures").GetProperty("accuracy").GetDouble(),
            evaluated.Json.GetProperty("figures").GetProperty("accuracy").GetDouble());
        string others = TinyPictures.WriteFolder(folder, "others", 3);
        var predicted = Tiny.Run("predict", run, "--image", Path.Combine(others, "blue", "2.png"), "--json")
            .Json[0].GetProperty("predictions");
        Assert.Equal("blue", predicted[0].GetProperty("label").GetString());
        Assert.Equal(1, predicted.EnumerateArray().Sum(answer => answer.GetProperty("confidence").GetDouble()), 1e-5);
        Assert.True(Tiny.Run("eval", run, "--data", others, "--json").Json.GetProperty("figures").GetProperty("accuracy")
            .GetDouble() > 0.9);
    }

    [Fact]
    public void The_folder_holds_configuration_log_events_and_checkpoints_that_PyTorch_names_the_same()
    {
        Assert.Equal(0, Train("--epochs", "2").Status);
        Assert.Equal([".lock", "best.ckpt", "config.json", "events.out.tfevents.0.sconce", "last.ckpt", "log.jsonl", "parts.jsonl",
            "report.html"],
            Directory.EnumerateFiles(run).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var best = Checkpoint.Open(Path.Combine(run, "best.ckpt"));
        Assert.Contains("conv.weight", best.Tensors.Select(tensor => tensor.Name));
        using var last = Checkpoint.Open(Path.Combine(run, "last.ckpt"));
        Assert.Equal(best.Tensors.Select(tensor => tensor.Name), last.Tensors.Select(tensor => tensor.Name));
        var lines = File.ReadLines(Path.Combine(run, "log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(24, lines.Count(line => line.TryGetProperty("loss", out _)));
        Assert.Equal(2, lines.Count(line => line.TryGetProperty("evaluation", out _)));
    }

    [Fact]
    public void A_run_is_a_network_for_every_command_that_takes_one()
    {
        Assert.Equal(0, Train("--epochs", "2").Status);
        var shown = Tiny.Run("show", run);
        Assert.True(shown.Status == 0, shown.Error);
        Assert.Contains("tiny_net", shown.Out, StringComparison.Ordinal);
        Assert.Contains("red, green, blue, grey", shown.Out, StringComparison.Ordinal);
        Assert.Matches("--epochs +2", shown.Out);
        var json = Tiny.Run("show", run, "--json").Json;
        Assert.Equal(2, json.GetProperty("epochs").GetInt32());
        Assert.True(json.GetProperty("best").GetProperty("figures").TryGetProperty("accuracy", out _));
        Assert.Equal(0, Tiny.Run("weights", run, "--check", run).Status);
        string tuned = Path.Combine(folder.Path, "tuned");
        var ran = Tiny.Run("train", "tiny_net", "--data", data, "--out", tuned, "--pretrained", run, "--epochs", "1");
        Assert.True(ran.Status == 0, ran.Error);
        Assert.Contains(Path.Combine(run, "best.ckpt"), File.ReadAllText(Path.Combine(tuned, "config.json")), StringComparison.Ordinal);
        var evaluated = Tiny.Run("eval", "tiny_net", "--weights", run, "--data", data, "--device", "cpu");
        Assert.True(evaluated.Status == 0, evaluated.Error);
        Assert.Contains("tiny_net on cpu", evaluated.Error, StringComparison.Ordinal);
        Assert.Contains("--device takes", Tiny.Run("eval", run, "--device", "gpu").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Mixed_jittered_and_erased_pictures_are_learned_from_and_the_run_can_be_had_again()
    {
        Assert.Equal(0, Train("--epochs", "2", "--mixup", "0.2", "--cutmix", "1", "--randaugment", "5", "--color-jitter", "0.2",
            "--erasing", "0.5").Status);
        var configuration = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "config.json"))).RootElement;
        Assert.Equal([0.2, 1, 5, 0.2, 0.5],
            ((string[])["mixing.mixup", "mixing.cutmix", "augmentation.randaugment", "augmentation.colorJitter", "augmentation.erasing"])
            .Select(key => configuration.GetProperty("settings").GetProperty(key.Split('.')[0])
                .GetProperty(key.Split('.')[1]).GetDouble()));
        string again = Path.Combine(folder.Path, "again"), plain = Path.Combine(folder.Path, "plain");
        Assert.Equal(0, Tiny.Run("train", "--config", Path.Combine(run, "config.json"), "--out", again).Status);
        Assert.Equal(Losses(run), Losses(again));
        Assert.Equal(0, Tiny.Run("train", "tiny_net", "--data", data, "--out", plain, "--batch", "8", "--epochs", "2").Status);
        Assert.NotEqual(Losses(run), Losses(plain));
    }

    [Theory]
    [InlineData("--mixup", "0", "--mixup takes a number above 0, or none, not '0'")]
    [InlineData("--cutmix", "-1", "--cutmix takes a number above 0, or none, not '-1'")]
    [InlineData("--randaugment", "31", "--randaugment takes a number from 0 to 30, or none, not '31'")]
    [InlineData("--erasing", "1.5", "--erasing takes a number from 0 to 1, or none, not '1.5'")]
    public void An_augmentation_of_no_meaning_is_refused_by_name(string option, string value, string message)
    {
        var refused = Train(option, value);
        Assert.Equal(2, refused.Status);
        Assert.Contains(message, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_starts_the_same_run_again()
    {
        Assert.Equal(0, Train("--epochs", "2", "--optimizer", "adamw", "--schedule", "linear", "--label-smoothing", "0.1").Status);
        string again = Path.Combine(folder.Path, "again");
        Assert.Equal(0, Tiny.Run("train", "--config", Path.Combine(run, "config.json"), "--out", again).Status);
        Assert.Equal(File.ReadAllText(Path.Combine(run, "config.json")), File.ReadAllText(Path.Combine(again, "config.json")));
        Assert.Equal(Losses(run), Losses(again));
        string other = Path.Combine(folder.Path, "other");
        Assert.Equal(0, Tiny.Run("train", "--config", Path.Combine(run, "config.json"), "--seed", "7", "--out", other).Status);
        Assert.NotEqual(Losses(run), Losses(other));
    }

    [Fact]
    public void A_finished_run_is_left_as_it_is()
    {
        Assert.Equal(0, Train("--epochs", "2").Status);
        byte[] log = File.ReadAllBytes(Path.Combine(run, "log.jsonl"));
        Assert.Equal(0, Train("--epochs", "2").Status);
        Assert.Equal(0, Tiny.Run("train", "--out", run, "--config", Path.Combine(run, "config.json")).Status);
        Assert.Equal(log, File.ReadAllBytes(Path.Combine(run, "log.jsonl")));
    }

    [Fact]
    public void A_finished_run_that_is_asked_for_more_epochs_goes_on_and_says_how()
    {
        Assert.Equal(0, Train("--epochs", "1").Status);
        int before = Losses(run).Length;
        var longer = Train("--epochs", "3");
        Assert.True(longer.Status == 0, longer.Error);
        Assert.Contains("1 epochs become 3: from here on the rate is that of a run of the new length", longer.Error,
            StringComparison.Ordinal);
        Assert.Equal(3 * before, Losses(run).Length);
        Assert.Equal(2, Train("--epochs", "2").Status);
        Assert.Equal(0, Train("--epochs", "3").Status);
    }

    [Fact]
    public void Rare_classes_are_weighed_or_drawn_as_often_as_others()
    {
        Assert.Equal(0, Train("--epochs", "1").Status);
        string weighed = Path.Combine(folder.Path, "weighed"), drawn = Path.Combine(folder.Path, "drawn");
        Assert.Equal(0, Tiny.Run("train", "tiny_net", "--data", data, "--batch", "8", "--epochs", "1", "--class-weights", "balanced",
            "--out", weighed).Status);
        var ran = Tiny.Run("train", "tiny_net", "--data", data, "--batch", "8", "--epochs", "1", "--balanced", "--out", drawn);
        Assert.True(ran.Status == 0, ran.Error);
        Assert.NotEqual(Losses(run), Losses(drawn));
    }

    [Fact]
    public void Going_on_with_other_settings_is_an_error_that_names_them()
    {
        Assert.Equal(0, Train("--epochs", "1").Status);
        var other = Train("--epochs", "1", "--lr", "0.5");
        Assert.Equal(2, other.Status);
        Assert.Contains("lr ", other.Error, StringComparison.Ordinal);
        Assert.Contains("0.5", other.Error, StringComparison.Ordinal);
        var network = Tiny.Run("train", "tiny_other", "--data", data, "--out", run);
        Assert.Equal(2, network.Status);
        Assert.Contains("tiny_other", network.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_network_in_the_folder_is_named_with_its_names()
    {
        Assert.Equal(0, Train("--epochs", "1").Status);
        string config = Path.Combine(run, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("tiny_net", "tiny_other", StringComparison.Ordinal)
            .Replace("\"epochs\": 1", "\"epochs\": 2", StringComparison.Ordinal));
        var ran = Tiny.Run("train", "--out", run, "--config", config);
        Assert.Equal(1, ran.Status);
        Assert.Contains("last.ckpt", ran.Error, StringComparison.Ordinal);
        Assert.Contains("conv.weight", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_checkpoint_is_one_error()
    {
        Assert.Equal(0, Train("--epochs", "1").Status);
        string last = Path.Combine(run, "last.ckpt");
        byte[] bytes = File.ReadAllBytes(last);
        File.WriteAllBytes(last, bytes[..(bytes.Length / 2)]);
        var ran = Train("--epochs", "1");
        Assert.Equal(1, ran.Status);
        Assert.Contains("last.ckpt", ran.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"network\": \"tiny_net\", \"learningrate\": 0.1}", "learningrate")]
    [InlineData("{\"network\": \"tiny_net\", \"epoch\": 3}", "epochs")]
    [InlineData("{\"learningRate\": NaN}", "NaN")]
    [InlineData("{\"learningRate\": \"NaN\"}", "learningRate")]
    [InlineData("{\"learningRate\": -1}", "learningRate takes a number above 0")]
    [InlineData("{\"learningRate\": 1e999}", "learningRate")]
    [InlineData("{\"optimizer\": \"sgdd\"}", "optimizer")]
    [InlineData("{\"epochs\": 0}", "epochs takes a whole number from 1 on")]
    [InlineData("{\"epochs\": \"many\"}", "epochs")]
    [InlineData("{\"network\": null}", "network is null")]
    [InlineData("[]", "object")]
    [InlineData("{", "no JSON")]
    public void A_configuration_that_means_nothing_is_wrong_use_in_one_line(string json, string names)
    {
        var ran = Tiny.Run("train", "tiny_net", "--data", data, "--out", run, "--config", folder.File("config.json", json));
        Assert.Equal(2, ran.Status);
        Assert.Contains("config.json", ran.Error, StringComparison.Ordinal);
        Assert.Contains(names, ran.Error, StringComparison.Ordinal);
        Assert.Single(ran.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.False(Directory.Exists(run));
    }

    [Theory]
    [InlineData("--lr", "NaN", "--lr")]
    [InlineData("--lr", "fast", "--lr")]
    [InlineData("--lr", "-1", "--lr takes a number above 0")]
    [InlineData("--optimizer", "sdg", "sgd")]
    [InlineData("--schedule", "cosin", "cosine")]
    [InlineData("--freeze", "cnv.*", "conv.weight")]
    [InlineData("--epochs", "0", "--epochs")]
    public void An_option_that_means_nothing_says_so_and_leaves_no_folder(string option, string value, string names)
    {
        var ran = Tiny.Run("train", "tiny_net", "--data", data, "--out", run, option, value);
        Assert.NotEqual(0, ran.Status);
        Assert.Contains(names, ran.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void Pretrained_weights_are_taken_but_the_classifier_of_another_size()
    {
        Assert.Equal(0, Train("--epochs", "8").Status);
        string photos = TinyPictures.WriteFolder(folder, "photos", 6);
        Directory.Delete(Path.Combine(photos, "grey"), recursive: true);
        string tuned = Path.Combine(folder.Path, "tuned");
        var ran = Tiny.Run("train", "tiny_net", "--data", photos, "--out", tuned, "--pretrained", Path.Combine(run, "best.ckpt"),
            "--freeze", "conv.*", "norm.*", "--epochs", "1", "--validation", "0.3", "--batch", "4");
        Assert.True(ran.Status == 0, ran.Error);
        using var before = Checkpoint.Open(Path.Combine(run, "best.ckpt"));
        using var after = Checkpoint.Open(Path.Combine(tuned, "best.ckpt"));
        Assert.Equal(before["conv.weight"].ToArray<float>(), after["conv.weight"].ToArray<float>());
        Assert.Equal([3L, 64], after["head.weight"].Shape);
    }

    [Fact]
    public void Features_are_a_row_a_picture_beside_their_names()
    {
        Assert.Equal(0, Train("--epochs", "1").Status);
        string photos = TinyPictures.WriteFolder(folder, "photos", 2), file = Path.Combine(folder.Path, "features.npy");
        var ran = Tiny.Run("features", run, "--data", photos, "--out", file);
        Assert.True(ran.Status == 0, ran.Error);
        using var features = Checkpoint.Open(file);
        Assert.Equal([8L, 64], features.Tensors.Single().Shape);
        string[] names = File.ReadAllLines(Path.Combine(folder.Path, "features.txt"));
        Assert.Equal(8, names.Length);
        Assert.EndsWith(Path.Combine("blue", "2.png"), names[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_check_looks_at_loss_learning_and_labels_and_begins_no_run()
    {
        var ran = Train("--check");
        Assert.True(ran.Status == 0, ran.Out + ran.Error);
        Assert.Contains("ln 4 = 1.386", ran.Out, StringComparison.Ordinal);
        Assert.Contains("8 pictures, loss", ran.Out, StringComparison.Ordinal);
        var picture = Imaging.Image.Load(Path.Combine(run, "check.png"));
        Assert.True(picture.Width > 400);
        Assert.False(File.Exists(Path.Combine(run, "config.json")));
        Assert.Equal(0, Train("--epochs", "1").Status);
    }

    [Fact]
    public void A_broken_picture_stops_the_run_by_name_or_is_left_out()
    {
        string photos = TinyPictures.WriteFolder(folder, "photos", 10);
        string broken = Path.Combine(photos, "red", "0.png");
        File.WriteAllText(broken, "no picture");
        string[] command = ["train", "tiny_net", "--data", photos, "--out", run, "--epochs", "1", "--batch", "4"];
        var stopped = Tiny.Run(command);
        Assert.Equal(1, stopped.Status);
        Assert.Contains(broken, stopped.Error, StringComparison.Ordinal);
        string second = Path.Combine(folder.Path, "second");
        var skipped = Tiny.Run([.. command[..5], second, .. command[6..], "--skip-broken"]);
        Assert.True(skipped.Status == 0, skipped.Error);
        Assert.Contains(broken, skipped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_class_is_nothing_to_tell_apart()
    {
        string photos = TinyPictures.WriteFolder(folder, "photos", 2);
        foreach (string name in (string[])["green", "blue", "grey"]) Directory.Delete(Path.Combine(photos, name), recursive: true);
        var ran = Tiny.Run("train", "tiny_net", "--data", photos, "--out", run);
        Assert.Equal(1, ran.Status);
        Assert.Contains("one class", ran.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run_and_says_where()
    {
        var ran = Train("--epochs", "3", "--lr", "1e30", "--warm-up", "0");
        Assert.Equal(1, ran.Status);
        Assert.Matches("at step [0-9]+ \\(epoch [0-9], batch [0-9]+\\)", ran.Error);
        Assert.Contains("learning rate", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_classifier_of_pictures_cannot_be_trained()
    {
        var ran = Tiny.Run("train", "tiny_numbers", "--data", data, "--out", run);
        Assert.Equal(2, ran.Status);
        Assert.Contains("no classifier of pictures", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_network_or_run_names_the_nearest()
    {
        Assert.Contains("tiny_net", Tiny.Run("train", "tiny-nett", "--data", data).Error, StringComparison.Ordinal);
        Assert.Contains("tiny_net", Tiny.Run("eval", "tiny-nett", "--weights", folder.File("w"), "--data", data).Error,
            StringComparison.Ordinal);
        var predicted = Tiny.Run("predict", "tiny-nett", "--image", "x.png");
        Assert.Equal(2, predicted.Status);
        Assert.Contains("tiny_net", predicted.Error, StringComparison.Ordinal);
    }

    private Outcome Train(params string[] more) => Tiny.Run(["train", "tiny_net", "--data", data, "--out", run, "--batch", "8", .. more]);

    private static double[] Losses(string run) =>
        [.. File.ReadLines(Path.Combine(run, "log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty("loss", out _)).Select(line => line.GetProperty("loss").GetDouble())];
}
