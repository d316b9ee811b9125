using Sconce.Catalogue;
using Sconce.Systems.Analysis.Circuits;
using Sconce.Systems.Analysis.GrandTour;
using Sconce.Systems.Science.MedicalPerception;
using Sconce.Systems.Tools.RealTimeMl;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>What systems do with a run of any other: looking into it, touring its outputs, making it smaller.</summary>
public sealed class LooksTests : IDisposable
{
    private static readonly CatalogueSystem[] Systems =
        [new TinySystem(), new CircuitsSystem(), new GrandTourSystem(), new MedicalPerceptionSystem(), new RealTimeMlSystem()];

    private readonly TemporaryFolder folder = new();
    private readonly string data;
    private readonly string run;

    public LooksTests()
    {
        data = TinyPictures.WriteFolder(folder, "photos", 12);
        run = Path.Combine(folder.Path, "run");
        var trained = Train(run, "--keep-outputs");
        Assert.True(trained.Status == 0, trained.Error);
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Outputs_that_are_kept_change_nothing_of_a_run_and_are_toured()
    {
        string plain = Path.Combine(folder.Path, "plain");
        Assert.Equal(0, Train(plain).Status);
        Assert.Equal(Lines(plain), Lines(run));
        Assert.True(File.Exists(Path.Combine(run, "samples", "0002-outputs.safetensors")));
        string page = Path.Combine(folder.Path, "tour.html");
        var toured = Run("tour", run, "--out", page);
        Assert.True(toured.Status == 0, toured.Error);
        Assert.Contains("12 pictures through 2 epochs", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Equal(0, Run("tour", run, "--data", Path.Combine(data, "red"), "--out", page).Status);
        Assert.Contains("3 pictures through 2 epochs", File.ReadAllText(page), StringComparison.Ordinal);
        Assert.Contains("kept no outputs", Run("tour", plain).Error, StringComparison.Ordinal);

        static string[] Lines(string run) =>
            [.. File.ReadLines(Path.Combine(run, "log.jsonl")).Where(line => line.Contains("evaluation", StringComparison.Ordinal))];
    }

    [Fact]
    public void A_run_is_explained_in_every_way_that_its_line_asks_for()
    {
        string output = Path.Combine(folder.Path, "looks");
        var listed = Run("explain", run, "--json");
        Assert.Equal("conv", listed.Json[0].GetProperty("layers").GetProperty("rows")[0].GetProperty("layer").GetString());
        string picture = Path.Combine(data, "red", "0.png");
        Assert.Equal(0, Run("explain", run, picture, "--out", output).Status);
        Assert.True(File.Exists(Path.Combine(output, "0-heat.png")));
        string unit = Path.Combine(output, "unit.png");
        Assert.Equal(0, Run("explain", run, "--layer", "conv", "--channel", "3", "--steps", "2", "--out", unit).Status);
        Assert.True(File.Exists(unit));
        var unknown = Run("explain", run, "--layer", "cnov", "--channel", "3");
        Assert.Equal(2, unknown.Status);
        Assert.Contains("Did you mean conv?", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(0, Run("explain", run, "--equivariance", "--out", Path.Combine(output, "families.png")).Status);
        string tuning = Path.Combine(output, "tuning.html");
        Assert.Equal(0, Run("explain", run, "--tuning", "--layer", "act", "--channel", "0-1", "--out", tuning).Status);
        Assert.Contains("--layer", Run("explain", run, "--tuning").Error, StringComparison.Ordinal);
        var filtered = Run("explain", run, "--data", data, "--frequencies", "--out", Path.Combine(output, "f.html"));
        Assert.True(filtered.Status == 0, filtered.Error);
        Assert.Equal(2, Run("explain", picture).Status);
    }

    [Fact]
    public void A_run_is_attacked_and_made_smaller_on_the_pictures_that_it_held_out()
    {
        var attacked = Run("eval", run, "--attack", "pgd", "--epsilon", "0.05", "--json");
        Assert.True(attacked.Status == 0, attacked.Error);
        var figures = attacked.Json.GetProperty("figures");
        Assert.True(figures.GetProperty("loss under pgd").GetDouble() > figures.GetProperty("loss with random signs").GetDouble());
        var plain = Run("eval", run, "--json").Json.GetProperty("figures");
        Assert.Equal(plain.GetProperty("accuracy").GetDouble(), figures.GetProperty("accuracy").GetDouble());
        Assert.Contains("go with --attack", Run("eval", run, "--epsilon", "0.1").Error, StringComparison.Ordinal);
        string onnx = Path.Combine(folder.Path, "small.onnx");
        var smaller = Run("compress", run, "--int8", "--out", onnx);
        Assert.True(smaller.Status == 0, smaller.Error);
        Assert.True(new FileInfo(onnx).Length > 1000);
        Assert.Equal(2, Run("compress", run).Status);
    }

    private Outcome Train(string place, params string[] more) =>
        Run(["train", "tiny_net", "--data", data, "--out", place, "--epochs", "2", "--batch", "8", "--validation", "0.25", .. more]);

    private static Outcome Run(params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int status = Application.Run(arguments, Systems, new Terminal(output, error));
        return new Outcome(status, output.ToString(), error.ToString());
    }
}
