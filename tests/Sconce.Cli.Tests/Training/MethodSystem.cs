using System.Text.Json;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.TrainingMethods.GradAug;
using Sconce.Training;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>The catalogue's methods of training over networks that train in milliseconds.</summary>
internal sealed class MethodSystem : CatalogueSystem
{
    public override SystemCard Card { get; } =
        FakeSystems.Card("methods", "Methods", "2021-W01", SystemTask.Training, "Trains in other ways.");

    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("tiny_slim", "a wide residual network that can be narrowed", options => new SlimWideResNet(10, 1, options.Classes ?? 4))
        {
            Capabilities = [TensorInput.Pictures(16), new ImageClassifier(4, "fc", ImagePreprocessing.ImageNet(16, 1))],
        },
        new("tiny_flat", "a convolution and one linear layer on its whole map", options => Flat(options.Classes ?? 4))
        {
            Capabilities = [TensorInput.Pictures(32), new ImageClassifier(4, "head", ImagePreprocessing.ImageNet(32, 1))],
        },
    ];

    private static Sequential Flat(int classes)
    {
        var network = new Sequential { ["conv"] = new Conv2d(3, 8, 8, 8), ["norm"] = new BatchNorm2d(8), ["flat"] = new Flatten() };
        if (classes > 0) network["head"] = new Linear(8 * 16, classes);
        return network;
    }

    public override IReadOnlyList<TrainingMethod> Methods { get; } = [.. Systems.Catalogue.Systems.SelectMany(system => system.Methods)];
}

/// <summary><c>sconce</c> over <see cref="TinySystem"/> and <see cref="MethodSystem"/>, and what a run left.</summary>
internal static class MethodRuns
{
    public static Outcome Run(params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int status = Application.Run(arguments, [new TinySystem(), new MethodSystem()], new Terminal(output, error));
        return new Outcome(status, output.ToString(), error.ToString());
    }

    /// <summary>Losses of the steps, in order.</summary>
    public static double[] Losses(string run) =>
        [.. Lines(run).Where(line => line.TryGetProperty("loss", out _)).Select(line => line.GetProperty("loss").GetDouble())];

    /// <summary>A figure of the evaluations, in order.</summary>
    public static double[] Figures(string run, string name) =>
        [.. Lines(run).Where(line => line.TryGetProperty("evaluation", out _))
            .Select(line => line.GetProperty("evaluation").GetProperty(name).GetDouble())];

    /// <summary>An option as the run's configuration has it.</summary>
    public static string Option(string run, string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "config.json")));
        var value = document.RootElement.GetProperty("settings").GetProperty(name);
        return value.ValueKind == JsonValueKind.Array ? string.Join(',', value.EnumerateArray()) : value.ToString();
    }

    /// <summary>
    /// Trains whole in one folder; in another is stopped after some steps, goes on with the same command, and must have the same losses and
    /// evaluations.
    /// </summary>
    public static void StopsAndGoesOn(string whole, string stopped, int steps, params string[] command)
    {
        var ran = Run([.. command, "--out", whole]);
        Assert.True(ran.Status == 0, ran.Out + ran.Error);
        Stop(whole, stopped, steps);
        Assert.Equal(steps, Losses(stopped).Length);
        var rest = Run([.. command, "--out", stopped]);
        Assert.True(rest.Status == 0, rest.Out + rest.Error);
        Assert.Equal(Plain(whole), Plain(stopped));
    }

    /// <summary>Begins the run of another folder's configuration, and stops it after some steps.</summary>
    private static void Stop(string whole, string stopped, int steps)
    {
        CatalogueSystem[] systems = [new TinySystem(), new MethodSystem()];
        var methods = new CatalogueMethods(systems);
        string json = File.ReadAllText(Path.Combine(whole, "config.json"));
        var configuration = RunConfigurationFile.Parse(json, "config.json", methods);
        using var folder = RunFolder.Open(stopped);
        folder.WriteConfiguration(json);
        using var run = methods.Get(configuration.Method)
            .Open(new TrainingSetup(configuration, new CatalogueModels(systems), methods) { Folder = stopped });
        using var source = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => run.Train(folder, new StopAfter(steps, source), source.Token));
    }

    private sealed class StopAfter(int steps, CancellationTokenSource source) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.Stage == "training" && value.Done == steps) source.Cancel();
        }
    }

    private static List<JsonElement> Lines(string run) =>
        [.. File.ReadLines(Path.Combine(run, "log.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];

    private static List<string> Plain(string run) =>
        [.. Lines(run).Select(line => string.Join(", ", line.EnumerateObject()
            .Where(property => property.Name is not ("seconds" or "imagesPerSecond")).Select(property => property.ToString())))];
}
