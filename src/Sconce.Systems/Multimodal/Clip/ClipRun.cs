using Sconce.Data;
using Sconce.Files;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>What a run on a person's pictures and captions is made of.</summary>
internal static class ClipRun
{
    internal static RunPlan<CaptionBatch> Plan(TrainingSetup setup, ClipMethod method, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method);
        var variant = setup.Models.Get(asked.Network);
        asked = ConfiguredParts.Settle(asked, variant, method, Settled);
        var file = CaptionFile.Read(asked.Data);
        string watched = WatchedFigure.Settle(asked.Run.Watched, "recall1", ClipEvaluation.Names);
        var configuration = asked.With(asked.Run with { Watched = watched });
        ConfiguredParts.UseThreads(configuration);
        var device = setup.RunsOn;
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        int side = configuration.ImageSize!.Value;
        var model = owned.Own(variant.Built(new ModelOptions(null, side)) as ClipModel
            ?? throw new UsageException($"{variant.Name} is no CLIP model: the method {method.Name} trains those"));
        var (tokens, cut) = Tokens(file, configuration.Of<ClipTrainingSettings>(), model.Config.Text.ContextLength);
        if (cut > 0) setup.Tell([$"{file.Path}: {cut} captions are longer than {model.Config.Text.ContextLength} tokens and are cut"]);
        var (learned, heldOut) = file.Split(configuration.Run.Validation, configuration.Run.Seed);
        var loading = ConfiguredParts.Loading(configuration, setup.Fault) with
        {
            Shuffle = true,
            DropLast = learned.Count > configuration.Run.Batch
        };
        var batches = new DataLoader<CaptionRecipe.Item, CaptionBatch>(new CaptionRecipe(file, learned, tokens, side, crops: true),
            loading);
        var held = new CaptionRecipe(file, heldOut, tokens, side, crops: false);
        if (configuration.Run.Pretrained is { } weights) variant.Load(model, weights);
        ConfiguredParts.Freeze(model, configuration);
        if (device.Type != DeviceType.Cpu) model.To(device);
        var optimizer = ConfiguredParts.Optimizer(model, "", configuration);
        var player = owned.Own(ConfiguredParts.Player("pairs", model, optimizer, configuration, batches.BatchesPerEpoch));
        return new RunPlan<CaptionBatch>(configuration, new ClipProgram(model, player, device), batches)
        {
            Summary = $"{variant.Name}, {learned.Count:N0} pairs to learn from and {heldOut.Count:N0} to be asked about",
            Device = device,
            Evaluate = stop => ClipEvaluation.Run(model, held, configuration.Run.Batch, device, null, stop),
            Keep = folder => KeepVocabulary(folder, configuration),
        };
    }

    /// <summary>Each pair's tokens, and how many captions were cut.</summary>
    /// <exception cref="SettingsException">No tokeniser's file is named.</exception>
    internal static (IReadOnlyList<long[]> Tokens, int Cut) Tokens(CaptionFile file, ClipTrainingSettings settings, int context)
    {
        string vocabulary = settings.Vocabulary ?? throw new SettingsException("vocabulary", called =>
            $"{called} is missing: the path of {LoadedClip.VocabularyFileName}, which the CLIP repository has in its folder clip");
        var tokenizer = ClipTokenizer.Load(vocabulary);
        int cut = file.Pairs.Count(pair => tokenizer.Encode(pair.Caption).Length > context - 2);
        return ([.. file.Pairs.Select(pair => tokenizer.Tokenize(pair.Caption, context, truncate: true))], cut);
    }

    /// <summary>A copy of the tokeniser beside the weights, where abilities look for it.</summary>
    private static void KeepVocabulary(RunFolder? folder, RunConfiguration configuration)
    {
        if (folder is null) return;
        string beside = Path.Combine(folder.Folder, LoadedClip.VocabularyFileName);
        if (!File.Exists(beside)) AtomicFile.Write(beside, RegularFile.ReadAllBytes(configuration.Of<ClipTrainingSettings>().Vocabulary!));
    }

    /// <summary>The paper's rate of 5e-4 for a model from nothing; 1e-5 for one that is trained.</summary>
    private static RunConfiguration Settled(RunConfiguration configuration)
    {
        var settings = configuration.Of<ClipTrainingSettings>();
        string? vocabulary = settings.Vocabulary is { } file ? Path.GetFullPath(file) : null;
        return ConfiguredParts.WithRate(configuration with { Settings = settings with { Vocabulary = vocabulary } },
            configuration.Run.Pretrained is null ? 5e-4 : 1e-5);
    }
}
