using Sconce.Training;
using Xunit;

namespace Sconce.Tests.Training;

/// <summary>config.json, of today and of before.</summary>
public sealed class RunConfigurationTests
{
    private static readonly MethodRegistry Methods = new([]);

    /// <summary>As runs had it before each method declared its settings.</summary>
    private const string Before = """
        {
          "network": "resnet20", "method": "classifier", "methodOptions": {}, "data": "/photos", "classes": ["ant", "bee"], "validation": 0.2, "epochs": 7, "batch": 8,
          "accumulation": 2, "optimizer": "adamW", "learningRate": 0.003, "momentum": 0.8, "weightDecay": 0.05, "schedule": "oneCycle", "warmUpEpochs": 0.35,
          "labelSmoothing": 0.1, "mixUp": 0.2, "cutMix": null, "randAugment": 5, "colorJitter": null, "erasing": 0.25, "clipNorm": 1, "adaptiveClipping": null,
          "averaging": "exponential", "averageDecay": 0.99, "patience": 3, "watched": "loss", "amp": true, "imageSize": 32, "pretrained": null,
          "freeze": ["conv1.*", "bn1.*"], "seed": 5, "threads": 2, "workers": 1, "skipBroken": true, "saveEvery": 50
        }
        """;

    [Fact]
    public void A_file_of_before_is_read_whole()
    {
        var read = RunConfigurationFile.Parse(Before, "config.json", Methods);
        var settings = read.Of<ClassifierSettings>();
        Assert.Equal(("resnet20", "classifier", 32), (read.Network, read.Method, read.ImageSize));
        Assert.Equal(["ant", "bee"], read.Classes!);
        Assert.Equal(
            new RunSettings
            {
                Data = "/photos",
                Validation = 0.2,
                Epochs = 7,
                Batch = 8,
                Watched = "loss",
                Patience = 3,
                Amp = true,
                Seed = 5,
                Threads = 2,
                Workers = 1,
                SkipBroken = true,
                SaveEvery = 50,
                Freeze = read.Run.Freeze,
            },
            read.Run);
        Assert.Equal(["conv1.*", "bn1.*"], read.Run.Freeze);
        Assert.Equal(
            new OptimizationSettings
            {
                Optimizer = OptimizerKind.AdamW,
                LearningRate = 0.003,
                Momentum = 0.8,
                WeightDecay = 0.05,
                Schedule = ScheduleKind.OneCycle,
                WarmUpEpochs = 0.35,
                Accumulation = 2,
                ClipNorm = 1,
                Averaging = Averaging.Exponential,
                AverageDecay = 0.99,
            },
            read.Optimization);
        Assert.Equal((0.2, null, 5, null, 0.25, 0.1), (settings.Mixing.MixUp, settings.Mixing.CutMix, settings.Augmentation.RandAugment,
            settings.Augmentation.ColorJitter, settings.Augmentation.Erasing, settings.Labels.LabelSmoothing));
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var read = RunConfigurationFile.Parse(Before, "config.json", Methods);
        var again = RunConfigurationFile.Parse(RunConfigurationFile.ToJson(read, Methods), "config.json", Methods);
        Assert.Empty(Methods.Get("classifier").Settings.Differences(read.Settings, again.Settings));
        Assert.Equal(read.Classes, again.Classes);
    }

    [Theory]
    [InlineData("{\"settings\": {\"run\": {\"epoch\": 3}}}", "there is no setting epoch. Did you mean epochs?")]
    [InlineData("{\"settings\": {\"run\": {\"epochs\": 0}}}", "epochs takes a whole number from 1 on, not 0")]
    [InlineData("{\"setting\": {}, \"settings\": {}}", "there is no 'setting'. Did you mean settings?")]
    [InlineData("{\"epoch\": 3}", "has no setting 'epoch'. Did you mean epochs?")]
    [InlineData("{\"learningRate\": -1}", "learningRate takes a number above 0")]
    [InlineData("{\"classes\": 3}", "classes is 3")]
    [InlineData("{\"network\": null}", "network is null")]
    public void What_means_nothing_is_refused_by_file_and_name(string json, string message)
    {
        string found = Assert.ThrowsAny<UsageException>(() => RunConfigurationFile.Parse(json, "here.json", Methods)).Message;
        Assert.StartsWith("here.json: ", found, StringComparison.Ordinal);
        Assert.Contains(message, found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_data_is_asked_which_and_settings_must_fit_each_other()
    {
        var start = ClassifierMethod.Plain.Start("resnet20");
        Assert.Equal("which data? Name a folder with data; any will do", Refusal(start, "any will do"));
        Assert.Equal("epochs takes a whole number from 1 on, not '0'", Refusal(start.With(start.Run with { Epochs = 0 })));
        Assert.Contains("warmUp must be less than the epochs", Refusal(start.With(start.Optimization with { WarmUpEpochs = 20 })),
            StringComparison.Ordinal);
        var mixed = start with
        {
            Settings =
            new ClassifierSettings { Run = new RunSettings { Batch = 1 }, Mixing = new MixingSettings { MixUp = 0.2 } }
        };
        Assert.Contains("batch must be at least 2", Refusal(mixed), StringComparison.Ordinal);
    }

    private static string Refusal(RunConfiguration configuration, string? hint = null) =>
        Assert.Throws<SettingsException>(() => ConfiguredParts.Verify(configuration, ClassifierMethod.Plain, hint)).Message;
}
