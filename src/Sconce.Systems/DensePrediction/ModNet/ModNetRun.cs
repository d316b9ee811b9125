using Sconce.Data;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>What a run of MODNet on a person's pictures, with mattes or without, is made of.</summary>
internal static class ModNetRun
{
    private const int ShownPictures = 4;

    internal static RunPlan<MatteBatch> Plan(TrainingSetup setup, MatteMethod method, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method);
        var variant = setup.Models.Get(asked.Network);
        var supervised = asked.Settings as ModNetTrainingSettings;
        var configuration = ConfiguredParts.Settle(asked.WithImageSize(asked.ImageSize ?? MatteNetwork.OfficialSide), variant, method);
        int side = configuration.ImageSize!.Value;
        if (side % ModNet.Multiple != 0) throw new SettingsException("size", called => $"{called} must be a multiple of {ModNet.Multiple}");
        if (supervised is null && configuration.Run.Pretrained is null)
        {
            throw new SettingsException(
                "pretrained", called => $"{called} is missing: the method {method.Name} adapts a network that is trained");
        }

        var data = MatteFolder.Open(
            configuration.Data, supervised is not null, configuration.Run.Validation, configuration.Run.Seed, setup.Kept);
        setup.Tell(data.Remarks);
        var names = MatteEvaluation.Names(data.HasMattes);
        string watched = WatchedFigure.Settle(configuration.Run.Watched, names[0], names);
        configuration = configuration.With(configuration.Run with { Watched = watched });
        ConfiguredParts.UseThreads(configuration);
        var loading = ConfiguredParts.Loading(configuration, setup.Fault);
        var batches = new DataLoader<MattedPicture, MatteBatch>(
            new MatteRecipe(data.Learned, side, supervised?.CloseUps ?? 0),
            loading with { Shuffle = true, DropLast = data.Learned.Count > configuration.Run.Batch });
        var device = setup.RunsOn;
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var network = owned.Own(variant.Create(new ModelOptions())) as ModNet
            ?? throw new UsageException($"{variant.Name} gives no mattes: the method {method.Name} trains modnet");
        if (supervised?.Trunk is { } trunk) LoadTrunk(network, trunk);
        ConfiguredParts.Ready(network, variant, configuration, device);
        int steps = ConfiguredParts.StepsPerEpoch(configuration, batches.BatchesPerEpoch);
        TrainingProgram<MatteBatch> program = supervised is null
            ? Adapting(network, configuration, steps, device, owned)
            : Supervised(network, configuration, steps, device, owned);
        bool isUntrained = configuration.Run.Pretrained is null && supervised?.Trunk is null;
        return new RunPlan<MatteBatch>(configuration, program, batches)
        {
            Summary = $"{variant.Name}, {data.Learned.Count:N0} pictures {(data.HasMattes ? "with" : "without")} mattes to learn from and "
                + $"{data.HeldOut.Count:N0} to be asked about"
                + (isUntrained ? "; its encoder is untrained, so it wants many pictures: begin with a trunk or pretrained weights" : ""),
            Device = device,
            Evaluate = stop => MatteEvaluation.Run(network, data.HeldOut, side, device, null, stop),
            Keep = folder => data.Keep(folder?.Folder, configuration.Data),
            View = batch => new BatchView(Draw(batch), "a batch and its mattes", "look whether each matte fits its picture"),
        };
    }

    private static ModNetProgram Supervised(
        ModNet network, RunConfiguration configuration, int stepsPerEpoch, Device device, OwnedParts owned)
    {
        var settings = configuration.Of<ModNetTrainingSettings>();
        var losses = new MatteLosses { SemanticScale = settings.Semantic, DetailScale = settings.Detail };
        int band = settings.Band ?? Math.Max(1, configuration.ImageSize!.Value / 64);
        return new ModNetProgram(network, owned.Own(Player(network, configuration, stepsPerEpoch, adapts: false)), losses, band, device);
    }

    private static SocProgram Adapting(
        ModNet network, RunConfiguration configuration, int stepsPerEpoch, Device device, OwnedParts owned)
    {
        ModNet frozen;
        using (Init.Skipped()) frozen = owned.Own(new ModNet());
        frozen.RequireGrad(false);
        frozen.To(device);
        var settings = configuration.Of<SocSettings>();
        var consistency = new ConsistencyLoss { SemanticScale = settings.Semantic, DetailScale = settings.Detail };
        var player = owned.Own(Player(network, configuration, stepsPerEpoch, adapts: true));
        var adapting = new SocProgram(network, frozen, player, consistency, device);
        adapting.Freeze();
        return adapting;
    }

    private static Player Player(ModNet network, RunConfiguration configuration, int stepsPerEpoch, bool adapts) =>
        ConfiguredParts.Player(
            "matting", network, Optimizer(network, configuration, adapts), configuration, Schedule(configuration, stepsPerEpoch));

    /// <summary>SGD without Nesterov's momentum and Adam of 0.9 and 0.99, as the official code has them; others as configured.</summary>
    private static Optimizer Optimizer(ModNet network, RunConfiguration configuration, bool adapts)
    {
        var parameters = network.Parameters().Where(parameter => parameter.RequiresGrad).Cast<Tensor>().ToList();
        if (parameters.Count == 0) throw ConfiguredParts.NothingToTrain();
        var (rate, decay) = (configuration.Optimization.LearningRate!.Value, configuration.Optimization.WeightDecay!.Value);
        return configuration.Optimization.Optimizer switch
        {
            OptimizerKind.Sgd => new Sgd(parameters, rate, configuration.Optimization.Momentum, weightDecay: decay),
            OptimizerKind.Adam when adapts => new Adam(parameters, rate, 0.9, 0.99, weightDecay: decay),
            _ => ConfiguredParts.Optimizer([new ParameterGroup(parameters)], configuration),
        };
    }

    /// <summary>A stepwise fall is a tenth after each quarter of the run, as officially every 10 of 40 epochs.</summary>
    private static LearningRateSchedule Schedule(RunConfiguration configuration, int steps)
    {
        if (configuration.Optimization.Schedule != ScheduleKind.Step) return ConfiguredParts.Schedule(configuration, steps);
        double rate = configuration.Optimization.LearningRate!.Value;
        long total = configuration.Run.Steps ?? (long)steps * configuration.Run.Epochs;
        long rising = (long)Math.Round(configuration.Optimization.WarmUpEpochs!.Value * steps);
        var falling = LearningRateSchedule.MultiStep(rate, [.. Enumerable.Range(1, 3).Select(k => Math.Max(1, (total * k / 4) - rising))]);
        return rising > 0 ? falling.WithWarmUp(rising, rate / (rising + 1)) : falling;
    }

    private static void LoadTrunk(ModNet network, string file) => ModelWeights.Load(network.Encoder, file, new LoadOptions
    {
        Rename = static key => key.StartsWith("classifier.", StringComparison.Ordinal) ? null : key,
    });

    private static Image Draw(MatteBatch batch)
    {
        var cells = new List<Image>();
        for (int k = 0; k < Math.Min(batch.Count, ShownPictures); k++)
        {
            cells.Add(((batch.Images[k] + 1) / 2).ToImage());
            cells.Add(batch.Mattes[k].Expand(batch.Images[k].Shape).Contiguous().ToImage());
        }

        return ImageGrid.Create(cells, 2);
    }
}
