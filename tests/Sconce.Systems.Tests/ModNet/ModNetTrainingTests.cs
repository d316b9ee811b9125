using System.Text.Json.Nodes;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.DensePrediction.ModNet;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;
using Network = Sconce.Systems.DensePrediction.ModNet.ModNet;

namespace Sconce.Systems.Tests.ModNet;

/// <summary><c>sconce train modnet</c> and its <c>--method soc</c>, as methods of training do them.</summary>
[Collection(LiveTensors.Name)]
public sealed class ModNetTrainingTests : IDisposable
{
    private static readonly ModNetSystem Matting = new();
    private readonly string root = Directory.CreateTempSubdirectory("sconce-modnet-run-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_run_that_was_stopped_goes_on_as_if_it_had_not_been()
    {
        var asked = Asked(new ModNetMethod(), MakePairs(6));
        StopsAndGoesOn(asked, "MAD", 3);
    }

    [Fact]
    public void Adapting_goes_on_bit_for_bit_too_with_the_copy_of_before_the_epoch()
    {
        var asked = Asked(new SocMethod(), MakePhotos(5));
        StopsAndGoesOn(asked.With(asked.Run with { Pretrained = Pretrained() }), "disagreement", 6);
    }

    [Fact]
    public void Adapting_leaves_the_norms_statistics_and_changes_weights()
    {
        string start = Pretrained();
        var asked = Asked(new SocMethod(), MakePhotos(4));
        Train(asked.With(asked.Run with { Pretrained = start, Epochs = 1 }), "soc", out _);
        using Checkpoint before = Checkpoint.Open(start), after = Checkpoint.Open(Path.Combine(root, "soc", "best.ckpt"));
        using var scope = new TensorScope();
        const string mean = "hr_branch.conv_enc2x.layers.1.bnorm.running_mean", weight = "f_branch.conv_f.0.layers.0.weight";
        Assert.Equal(Values(before, mean), Values(after, mean));
        Assert.NotEqual(Values(before, weight), Values(after, weight));
    }

    [Fact]
    public void What_was_learned_is_evaluated_on_what_was_held_out_and_less_is_better()
    {
        string data = MakePairs(6);
        var result = Train(Asked(new ModNetMethod(), data), "run", out var settled);
        var trained = new TrainedNetwork(Matting.Variants[0], Path.Combine(root, "run", "best.ckpt"), settled.ImageSize, null)
        {
            Configuration = settled,
            Run = Path.Combine(root, "run"),
        };
        var report = new ModNetMethod().Evaluate(trained, null, 1, null, Cancellation);
        Assert.Equal(1, report.Count);
        Assert.Equal(["MAD", "MSE", "disagreement"], report.Figures.Keys);
        Assert.InRange(report.Figures["MSE"], 0, report.Figures["MAD"]);
        var other = new ModNetMethod().Evaluate(trained, MakePairs(2, "other"), 1, null, Cancellation);
        Assert.Equal(2, other.Count);
        Assert.Equal(result.Progress.History.Min(evaluation => evaluation.Figures["MAD"]), report.Figures["MAD"], 1e-6);
    }

    [Fact]
    public void Pairs_parts_and_transparent_pictures_are_understood_and_what_is_missing_is_named()
    {
        string pairs = MakePairs(4), parts = Path.Combine(root, "parts");
        var open = MatteFolder.Open(pairs, needsMattes: true, 0.25);
        Assert.Equal((3, 1), (open.Learned.Count, open.HeldOut.Count));
        var (picture, matte) = open.Learned[0];
        Assert.Equal((picture.Width, picture.Height, 1), (matte!.Width, matte.Height, matte.Channels));
        Assert.InRange(matte.Pixels.ToArray().Distinct().Count(), 3, 256);
        MakePairs(3, Path.Combine("parts", "Training"));
        MakePairs(2, Path.Combine("parts", "val"));
        var both = MatteFolder.Open(parts, needsMattes: true);
        Assert.Equal((3, 2), (both.Learned.Count, both.HeldOut.Count));
        string clear = Path.Combine(root, "clear");
        Directory.CreateDirectory(clear);
        for (int k = 0; k < 2; k++) new Image(40, 40, 4).Save(Path.Combine(clear, $"{k}.png"));
        Assert.True(MatteFolder.Open(clear, needsMattes: true).HasMattes);
        new Image(40, 40).Save(Path.Combine(clear, "opaque.png"));
        Fails(clear, "opaque.png");
        File.Delete(Path.Combine(pairs, "mattes", "1.png"));
        Fails(pairs, "no matte of its name");
        new Image(9, 9, 1).Save(Path.Combine(pairs, "mattes", "1.png"));
        var all = MatteFolder.OpenTest(pairs);
        var error = Assert.Throws<DataException>(() => Enumerable.Range(0, 4).Select(k => all[k]).Count(one => one.Matte is null));
        Assert.Contains("9 x 9", error.Message, StringComparison.Ordinal);

        static void Fails(string folder, string word)
        {
            string message = Assert.Throws<DataException>(() => MatteFolder.Open(folder, needsMattes: true)).Message;
            Assert.Contains(word, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_cannot_be_trained_is_one_line()
    {
        string data = MakePairs(3);
        var asked = Asked(new ModNetMethod(), data);
        var odd = Assert.ThrowsAny<UsageException>(() => Open(asked.WithImageSize(40)));
        Assert.Contains("multiple of 32", odd.Message, StringComparison.Ordinal);
        var soc = Asked(new SocMethod(), data);
        Assert.Contains("pretrained", Assert.ThrowsAny<UsageException>(() => Open(soc)).Message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => Open(Asked(new ModNetMethod(), MakePhotos(3))));
    }

    [Fact]
    public void The_check_draws_a_batch_and_learns_it()
    {
        using var run = Open(Asked(new ModNetMethod(), MakePairs(4)));
        string picture = Path.Combine(root, "check.png");
        var findings = run.Check(picture, Cancellation);
        Assert.True(findings[1].Passed, findings[1].Detail);
        Assert.True(Image.Load(picture).Width > 100);
    }

    private static CatalogueMethods Methods => new([Matting]);

    private static RunConfiguration Asked(MatteMethod method, string data)
    {
        var start = method.Start("modnet");
        var run = start.Run with { Data = data, Epochs = 2, Batch = 2, Threads = TorchRuntime.Threads, Workers = 1, SaveEvery = 1 };
        run = method is SocMethod ? run with { Batch = 1 } : run;
        return start.With(run).WithImageSize(64);
    }

    private static TrainingRun Open(RunConfiguration configuration) =>
        Methods.Get(configuration.Method).Open(new TrainingSetup(configuration, new CatalogueModels([Matting]), Methods));

    private void StopsAndGoesOn(RunConfiguration asked, string watched, int after)
    {
        var whole = Train(asked, "whole", out var settled);
        Assert.Equal(watched, settled.Run.Watched);
        using (var stop = new CancellationTokenSource())
        {
            using var folder = RunFolder.Open(Path.Combine(root, "stopped"));
            using var run = Open(asked);
            Assert.ThrowsAny<OperationCanceledException>(() => run.Train(folder, new Progress(stop.Cancel, after), stop.Token));
        }

        var kept = RunConfigurationFile.Parse(RunConfigurationFile.ToJson(settled, Methods), "config.json", Methods);
        var again = Train(kept, "stopped", out _);
        Assert.Equal(whole.Progress.Step, again.Progress.Step);
        Assert.Equal(Losses("whole"), Losses("stopped"));
        Assert.Equal(Weights("whole"), Weights("stopped"));
    }

    private TrainingResult Train(RunConfiguration configuration, string name, out RunConfiguration settled)
    {
        using var folder = RunFolder.Open(Path.Combine(root, name));
        using var run = Open(configuration);
        settled = run.Configuration;
        return run.Train(folder, cancellation: Cancellation);
    }

    private string[] Losses(string name) =>
    [
        .. File.ReadLines(Path.Combine(root, name, "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())
            .Select(line => $"{line["step"]} {line["loss"]} {line["evaluation"]?.ToJsonString()}"),
    ];

    private float[][] Weights(string name)
    {
        using var scope = new TensorScope();
        using var checkpoint = Checkpoint.Open(Path.Combine(root, name, "best.ckpt"));
        return [.. checkpoint.Tensors.Where(tensor => tensor.DType == DType.Float32).OrderBy(tensor => tensor.Name, StringComparer.Ordinal)
            .Select(tensor => ModelWeights.ToTensor(tensor).ToArray<float>())];
    }

    private static float[] Values(Checkpoint checkpoint, string name) =>
        ModelWeights.ToTensor(checkpoint.Tensors.Single(tensor => tensor.Name == name)).ToArray<float>();

    private string Pretrained()
    {
        string file = Path.Combine(root, "start.pth");
        TorchRuntime.ManualSeed(2);
        using var network = new Network();
        ModelWeights.Save(network, file);
        return file;
    }

    private string MakePairs(int count, string name = "pairs")
    {
        string folder = Path.Combine(root, name);
        Directory.CreateDirectory(Path.Combine(folder, "images"));
        Directory.CreateDirectory(Path.Combine(folder, "mattes"));
        using var scope = new TensorScope();
        using var generator = new Generator(9);
        var batch = Portraits.Sample(count, generator);
        for (int k = 0; k < count; k++)
        {
            ((batch.Images[k] + 1) / 2).ToImage().Save(Path.Combine(folder, "images", $"{k}.png"));
            batch.Mattes[k].ToImage().Save(Path.Combine(folder, "mattes", $"{k}.png"));
        }

        return folder;
    }

    private string MakePhotos(int count)
    {
        string pairs = MakePairs(count, "sources"), folder = Path.Combine(root, "photos");
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(Path.Combine(pairs, "images")))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        return folder;
    }

    private sealed class Progress(Action act, int after) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Stage == "training" && value.Done == after) act();
        }
    }
}
