using System.Text.Json.Nodes;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Generation;

/// <summary>Runs of one system in a folder of their own, as <c>sconce train</c> has them.</summary>
internal sealed class StagedRuns(CatalogueSystem system) : IDisposable
{
    private readonly CatalogueMethods methods = new([system]);
    private readonly CatalogueModels models = new([system]);

    internal string Root { get; } = Directory.CreateTempSubdirectory("sconce-staged-").FullName;

    internal List<string> Remarks { get; } = [];

    public void Dispose() => Directory.Delete(Root, recursive: true);

    internal string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Pictures of one square each, grey around it, in a folder a colour; and maps of labels of the same names.</summary>
    internal string Pictures(int count = 12)
    {
        Rgb[] colours = [new(220, 40, 40), new(40, 200, 60)];
        for (int k = 0; k < count; k++)
        {
            var box = PixelBox.FromSize(4 + (k * 3 % 9), 4 + (k * 5 % 9), 12, 12);
            Save(Filled(colours[k % 2], new Rgb(120, 120, 120), box), At("photos", k % 2 == 0 ? "red" : "green", $"{k}.png"));
            Save(Filled(colours[k % 2], new Rgb(120, 120, 120), box), At("pairs", "images", $"{k}.png"));
            byte label = (byte)(1 + (k % 2));
            Save(Filled(new Rgb(label, label, label), Rgb.Black, box), At("pairs", "segmentation", $"{k}.png"));
        }

        return At("photos");
    }

    internal RunConfiguration Start(string method, int epochs, Func<RunSettings, RunSettings>? change = null)
    {
        var start = methods.Get(method).Start(method);
        var run = start.Run with
        {
            Epochs = epochs,
            Batch = 4,
            Threads = TorchRuntime.Threads,
            Workers = 1,
            SaveEvery = 2,
            Validation = 0.34,
        };
        return start.With(change?.Invoke(run) ?? run);
    }

    internal TrainingRun Open(RunConfiguration asked, string? folder = null) => methods.Get(asked.Method).Open(
        new TrainingSetup(asked, models, methods) { Device = Device.Cpu, Folder = folder, Remark = Remarks.Add });

    internal TrainingResult Train(RunConfiguration asked, string name, int? stopAfter = null)
    {
        using var stop = new CancellationTokenSource();
        using var folder = RunFolder.Open(At(name));
        using var run = Open(asked, At(name));
        folder.WriteConfiguration(RunConfigurationFile.ToJson(run.Configuration, methods));
        int told = 0;
        var steps = new Told(_ =>
        {
            if (++told == stopAfter) stop.Cancel();
        });
        return run.Train(folder, steps, stop.Token);
    }

    /// <summary>A run that is stopped after some steps goes on as if it had not been.</summary>
    internal void AssertGoesOn(RunConfiguration asked, string name, int after)
    {
        string stopped = name + "-stopped";
        Train(asked, name);
        Assert.ThrowsAny<OperationCanceledException>(() => Train(asked, stopped, after));
        Train(asked, stopped);
        Assert.Equal(Log(name), Log(stopped));
        foreach (string file in (string[])["best.ckpt", "last.ckpt"]) Assert.Equal(Weights(name, file), Weights(stopped, file));
        string[] samples = [.. Directory.GetFiles(At(name, "samples")).Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];
        Assert.NotEmpty(samples);
        Assert.All(samples, file => Assert.Equal(
            File.ReadAllBytes(At(name, "samples", file)), File.ReadAllBytes(At(stopped, "samples", file))));
    }

    /// <summary>Opens what a run does.</summary>
    internal T Ask<T>(string name, Verb verb, (int Width, int Height)? extent = null)
        where T : Session =>
        new AbilityRegistry([system]).Find(At(name))!.Open<T>(verb, new AbilityOptions { Device = Device.Cpu, Extent = extent });

    internal static Image Filled(Rgb colour, Rgb ground, PixelBox box)
    {
        var picture = new Image(28, 24);
        picture.Fill(new PixelBox(0, 0, 28, 24), ground);
        picture.Fill(box, colour);
        return picture;
    }

    private static void Save(Image picture, string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        picture.Save(path);
    }

    private string[] Log(string name) =>
    [
        .. File.ReadLines(At(name, "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())
            .Select(line => $"{line["step"]} {line["loss"]} {line["evaluation"]?.ToJsonString()}"),
    ];

    private float[][] Weights(string name, string file)
    {
        using var scope = new TensorScope();
        using var checkpoint = Checkpoint.Open(At(name, file));
        return
        [
            .. checkpoint.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).Where(tensor => tensor.DType == DType.Float32)
                .Select(tensor => ModelWeights.ToTensor(tensor).ToArray<float>()),
        ];
    }

    private sealed class Told(Action<WorkProgress> tell) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => tell(value);
    }
}
