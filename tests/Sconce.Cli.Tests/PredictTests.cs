using Sconce.Catalogue;
using Sconce.Nn;
using Xunit;

namespace Sconce.Cli.Tests;

public class PredictTests
{
    [Fact]
    public void Each_input_gets_its_answers()
    {
        using var folder = new TemporaryFolder();
        string first = folder.File("1.jpg"), second = folder.File("2.jpg");
        var outcome = CommandLine.Run("predict", "alpha", "--labels", "a dog,a cat", "--image", first, second);
        Assert.Equal(0, outcome.Status);
        Assert.Equal($"{first}\n100.0 %  a dog\n 50.0 %  a cat\n{second}\n100.0 %  a dog\n 50.0 %  a cat\n", outcome.Out);
        Assert.Equal(outcome.Out, CommandLine.Run("predict", "alpha", first, second, "--labels", "a dog,a cat").Out);
    }

    [Fact]
    public void Json_holds_every_answer_and_the_variant_goes_through()
    {
        using var folder = new TemporaryFolder();
        var answers = CommandLine.Run("predict", "alpha", folder.File("1.jpg"), "--labels", "x", "--variant", "alpha-large", "--json").Json;
        Assert.Equal(1, answers[0].GetProperty("predictions")[0].GetProperty("confidence").GetDouble());
        Assert.Equal("alpha_large", answers[0].GetProperty("output").GetString());
    }

    [Fact]
    public void A_networks_name_reaches_its_systems_predictor()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("1.jpg");
        var outcome = CommandLine.Run("predict", "alpha-large", "--image", file, "--labels", "x", "--json");
        Assert.Equal((0, ""), (outcome.Status, outcome.Error));
        Assert.Equal("alpha_large", outcome.Json[0].GetProperty("output").GetString());
        Assert.Contains("--labels <LABELS>", CommandLine.Run("predict", "alpha_large", "--help").Out);
        Assert.DoesNotContain("--variant", CommandLine.Run("predict", "alpha_large", "--help").Out);
        Assert.Contains("'alpha_lagre'", CommandLine.Run("predict", "alpha_lagre", file).Error);
    }

    [Theory]
    [InlineData("clips")]
    [InlineData("clips_long")]
    public void Videos_are_named_with_video(string name)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("1.mp4");
        foreach (string option in (string[])["--video", "--image"])
        {
            var (status, output, error) = Run("predict", name, "--labels", "dancing", option, file);
            Assert.Equal((0, "", $"{file}\n100.0 %  dancing\n{(name == "clips" ? "" : "clips_long\n")}"), (status, error, output));
        }

        Assert.Contains("--video", Run("predict", name, "--help").Out);
        Assert.Contains("clip.mp4", Run("predict", name, "--help").Out);
        Assert.Contains("/no/clip.mp4", Run("predict", name, "--video", "/no/clip.mp4").Error);
    }

    private static Outcome Run(params string[] arguments)
    {
        StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int status = Application.Run(arguments, [new Clips()], new Terminal(output, error) { Width = 100 });
        return new Outcome(status, output.ToString(), error.ToString());
    }

    private sealed class Clips : NewsletterSystem
    {
        public override SystemCard Card { get; } = FakeSystems.Card("clips", "Clips", "2021-W01", SystemTask.Video, "Looks at videos.");

        public override IReadOnlyList<ModelVariant> Variants { get; } = [new("clips_short", "", _ => new Linear(1, 1)), new("clips_long", "", _ => new Linear(1, 1))];

        public override Predictor? Predictor { get; } = new ClipPredictor();
    }

    private sealed class ClipPredictor : Predictor
    {
        private readonly LabelPredictor labels = new();

        public override string Purpose => "videos in, labels out";

        public override string Input => "video";

        public override IReadOnlyList<(string Name, string Help)> Options => labels.Options;

        public override IEnumerable<PredictResult> Predict(PredictRequest request, IProgress<WorkProgress>? progress, CancellationToken cancellation) => labels.Predict(request, progress, cancellation);
    }
}
