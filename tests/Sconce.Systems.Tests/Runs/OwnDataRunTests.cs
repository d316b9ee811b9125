using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Classification.FixRes;
using Sconce.Systems.Classification.ResNets;
using Sconce.Systems.Multimodal.Perceiver;
using Sconce.Systems.Science.HumanError;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Runs;

/// <summary>Systems on a person's own data: sounds and points, annotators, a test resolution.</summary>
[Collection(LiveTensors.Name)]
public sealed class OwnDataRunTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-own-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Points_are_learned_and_told_apart_and_a_stopped_run_goes_on()
    {
        var system = new PerceiverSystem();
        string data = Points();
        var start = system.Methods[0].Start("perceiver_small_points");
        var trial = new RunTrial(root, system);
        var settled = trial.StopsAndGoesOn(Short(start, data, epochs: 3, batch: 4), after: 3);
        var report = trial.Evaluate(settled);
        Assert.Equal(("point clouds", 2L), (report.Items, report.Count));
        Assert.NotNull(report.Classifier);
        var registry = new AbilityRegistry([system]);
        string run = Path.Combine(root, "whole");
        using var session = registry.Find(run)!.Open<Session<PointCloud, Labels, PerceiverClassifySettings>>(Verb.Classify);
        var answer = session.Ask(PointCloud.Of(Directory.EnumerateFiles(Path.Combine(data, "ball")).First()),
            new PerceiverClassifySettings());
        Assert.Equal(1, answer.Items.Sum(label => label.Confidence), 1e-6);
    }

    [Fact]
    public void Annotators_are_told_apart_and_a_stopped_run_goes_on()
    {
        var system = new HumanErrorSystem();
        var start = Short(system.Methods[0].Start("human_error"), Scans(), epochs: 2, batch: 4).WithImageSize(16);
        var trial = new RunTrial(root, system);
        var settled = trial.StopsAndGoesOn(start, after: 2);
        Assert.Equal(["careful", "careless"], settled.Of<HumanErrorSettings>().Annotators);
        Assert.Equal(["background", "foreground"], settled.Classes);
        var report = trial.Evaluate(settled);
        Assert.Equal(4, report.Rows.Count);
        Assert.All(report.Rows, row => Assert.Equal(1, row.Values.SkipLast(1).Sum(), 1e-4));   // a column of a matrix
        Assert.Contains("reliability careless", report.Figures.Keys);
        Assert.NotEmpty(Directory.EnumerateFiles(Path.Combine(root, "whole", "samples")));
    }

    [Fact]
    public void A_folder_without_annotators_or_pictures_is_named()
    {
        string scans = Scans();
        Assert.Contains("images", Assert.Throws<DataException>(() => AnnotatedFolder.Open(Path.Combine(scans, "careful"), [])).Message,
            StringComparison.Ordinal);
        Assert.Contains("no annotator 'nobody'", Assert.Throws<DataException>(() => AnnotatedFolder.Open(scans, ["nobody"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Fixres_changes_the_classifier_and_the_last_norms_statistics_alone()
    {
        var trial = new RunTrial(root, new ResNetSystem(), new FixResSystem());
        string data = Photos();
        string first = trial.Train(Short(ClassifierMethod.Plain.Start("resnet20"), data, epochs: 1, batch: 4).WithImageSize(16), "first");
        var asked = Short(new FixResMethod().Start("resnet20"), data, epochs: 2, batch: 4).WithImageSize(24);
        string second = trial.Train(asked.With(asked.Run with { Pretrained = first }), "second");
        using Checkpoint before = Checkpoint.Open(first), after = Checkpoint.Open(second);
        using var scope = new TensorScope();
        string[] changed = [.. before.Tensors.Where(tensor => !Values(before, tensor.Name).SequenceEqual(Values(after, tensor.Name)))
            .Select(tensor => tensor.Name)];
        Assert.NotEmpty(changed);
        Assert.All(changed, name => Assert.True(
            name.StartsWith("linear.", StringComparison.Ordinal) || name.StartsWith("fc.", StringComparison.Ordinal)
            || name.StartsWith("layer3.2.bn2.running", StringComparison.Ordinal) || name == "layer3.2.bn2.num_batches_tracked", name));
        Assert.Throws<SettingsException>(() => trial.Open(asked));
    }

    private static RunConfiguration Short(RunConfiguration start, string data, int epochs, int batch) =>
        start.With(start.Run with { Data = data, Epochs = epochs, Batch = batch, Threads = 1, Workers = 1, Validation = 0.2 })
            .With(start.Optimization with { WarmUpEpochs = 0 });

    private static float[] Values(Checkpoint checkpoint, string name) =>
        ModelWeights.ToTensor(checkpoint.Tensors.Single(tensor => tensor.Name == name)).To(DType.Float32).Contiguous().ToArray<float>();

    private string Points()
    {
        string data = Path.Combine(root, "points");
        var random = new Random(1);
        foreach (string kind in (string[])["ball", "plane"])
        {
            Directory.CreateDirectory(Path.Combine(data, kind));
            for (int k = 0; k < 5; k++)
            {
                File.WriteAllLines(Path.Combine(data, kind, $"{k}.xyz"), Enumerable.Range(0, 60).Select(_ =>
                    FormattableString.Invariant(
                        $"{random.NextDouble():0.000} {random.NextDouble():0.000} {(kind == "ball" ? random.NextDouble() : 0):0.000}")));
            }
        }

        return data;
    }

    private string Scans()
    {
        string data = Path.Combine(root, "scans");
        var random = new Random(2);
        for (int k = 0; k < 10; k++)
        {
            int left = random.Next(8);
            Save(Path.Combine(data, "images", $"{k}.png"), 3, (x, _) => x >= left && x < left + 8 ? 200 : 40);
            Save(Path.Combine(data, "careful", $"{k}.png"), 1, (x, _) => x >= left && x < left + 8 ? 255 : 0);
            if (k != 3) Save(Path.Combine(data, "careless", $"{k}.png"), 1, (_, _) => random.Next(2) * 255);
        }

        return data;
    }

    private string Photos()
    {
        string data = Path.Combine(root, "photos");
        var random = new Random(3);
        for (int k = 0; k < 12; k++) Save(Path.Combine(data, k % 2 == 0 ? "dark" : "light", $"{k}.png"), 3, (_, _) =>
            random.Next(120) + (k % 2 * 120));
        return data;
    }

    private static void Save(string path, int channels, Func<int, int, int> value)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        byte[] pixels = new byte[16 * 16 * channels];
        for (int k = 0; k < 256; k++)
        {
            byte own = (byte)value(k % 16, k / 16);
            for (int channel = 0; channel < channels; channel++) pixels[(k * channels) + channel] = own;
        }

        Image.FromPixels(16, 16, channels, (ReadOnlySpan<byte>)pixels).Save(path);
    }
}
