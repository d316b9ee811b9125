using Sconce.Abilities;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Detection;

/// <summary>What a detector's run has of its own.</summary>
/// <param name="Method">How it learns.</param>
/// <param name="Side">Of the pictures in evaluation, in pixels; see the network for which of a picture's sides that is.</param>
/// <param name="Augmentation">Of the pictures to learn from.</param>
internal sealed record DetectionPlan(TrainingMethod Method, int Side, Augmentation Augmentation)
{
    /// <summary>Whether objects are wanted with masks.</summary>
    public bool Masks { get; init; }

    /// <summary>Subtracted from each channel of [0, 1].</summary>
    public IReadOnlyList<float> Mean { get; init; } = ImagePreprocessing.ImageNetMean;

    /// <summary>Each channel is divided by it.</summary>
    public IReadOnlyList<float> Std { get; init; } = ImagePreprocessing.ImageNetStd;

    /// <summary>The figure that says which weights are best.</summary>
    public string Watched { get; init; } = "AP";

    /// <summary>The figures of its evaluations, by what the data have.</summary>
    public Func<DetectionDataset, IReadOnlyList<string>> Figures { get; init; } = static _ => DetectorEvaluation.Names;

    /// <summary>What else of the configuration is known only with the data, and another figure to watch where it depends on them.</summary>
    public Func<RunConfiguration, DetectionDataset, (RunConfiguration Settled, string? Watched)>? Settle { get; init; }
}

/// <summary>What the runs of all detectors are made of: a person's pictures with boxes, and the configuration settled by them.</summary>
internal sealed class DetectionRun
{
    private const int ShownPictures = 4, MostAnswers = 100; // COCO's
    private readonly DetectionPlan plan;
    private readonly SameAnswers sameAnswers;

    /// <summary>Opens the data and settles the configuration; the network follows with its seed.</summary>
    /// <param name="setup">What the run is built from.</param>
    /// <param name="plan">What it has of its own.</param>
    /// <exception cref="DataException">The data cannot be used.</exception>
    internal DetectionRun(TrainingSetup setup, DetectionPlan plan)
    {
        (this.plan, sameAnswers) = (plan, new SameAnswers(setup.Remark));
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, plan.Method);
        Variant = setup.Models.Get(asked.Network);
        Device = setup.RunsOn;
        var configuration = ConfiguredParts.Settle(asked.WithImageSize(plan.Side), Variant, plan.Method);
        Data = DetectionFolder.Open(
            configuration.Data,
            plan.Masks,
            configuration.Run.Validation,
            configuration.Run.Seed,
            configuration.Classes,
            setup.Kept);
        setup.Tell(Data.Remarks);
        if (Crowded(Data.Train) is > 0 and var crowded)
        {
            setup.Remark?.Invoke($"{crowded:N0} pictures hold more than {MostAnswers} objects: of a picture no more are answered, and none "
                + "counted in AP; cut such pictures into parts");
        }

        Configuration = Settle(configuration);
        ConfiguredParts.UseThreads(Configuration);
        var recipe = new DetectionRecipe(Data.Train, plan.Augmentation)
        {
            Classes = Classes,
            Masks = plan.Masks,
            Mean = plan.Mean,
            Std = plan.Std,
        };
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault);
        Batches = new(recipe, loading with { Shuffle = true, DropLast = Data.Train.Count > Configuration.Run.Batch });
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
    }

    /// <summary>With nothing open.</summary>
    internal RunConfiguration Configuration { get; }

    /// <summary>The network's entry in the catalogue.</summary>
    internal ModelVariant Variant { get; }

    /// <summary>Where the network is to be.</summary>
    internal Device Device { get; }

    /// <summary>Both parts of the data.</summary>
    internal DetectionFolder Data { get; }

    /// <summary>How many classes there are.</summary>
    internal int Classes => Data.Train.Classes.Count;

    /// <summary>The data to learn from.</summary>
    internal DataLoader<ImageExample, DetectionBatch> Batches { get; }

    /// <summary>Steps of an epoch.</summary>
    internal int StepsPerEpoch => ConfiguredParts.StepsPerEpoch(Configuration, Batches.BatchesPerEpoch);

    /// <summary>The network with initial weights, for the data's classes.</summary>
    /// <typeparam name="T">The class that the method trains.</typeparam>
    /// <param name="kind">What errors call that class.</param>
    /// <param name="owned">Frees it.</param>
    /// <exception cref="UsageException">The catalogue's network is another.</exception>
    internal T Created<T>(string kind, OwnedParts owned)
        where T : Module =>
        owned.Own(Variant.Create(new ModelOptions(Classes, Configuration.ImageSize))) as T
            ?? throw new UsageException($"{Variant.Name} is no {kind}, which the method {plan.Method.Name} trains");

    /// <summary>Who learns all of the network that is not frozen.</summary>
    /// <param name="network">On its device.</param>
    /// <param name="owned">Frees it.</param>
    internal Player Learner(Module network, OwnedParts owned) =>
        owned.Own(ConfiguredParts.Learner("detector", network, Configuration, ConfiguredParts.Schedule(Configuration, StepsPerEpoch)));

    /// <summary>The run of a program: judged by COCO's figures of its network, asked as whoever uses it asks.</summary>
    /// <param name="program">How the network learns.</param>
    /// <param name="kind">What the data have beside boxes, for the summary; begins with a comma or is empty.</param>
    /// <param name="advice">What a person should know before a long run; begins with a semicolon or is empty.</param>
    internal RunPlan<DetectionBatch> Plan(TrainingProgram<DetectionBatch> program, string kind = "", string advice = "")
    {
        int repaired = Data.Train.RepairedBoxes;
        string cut = repaired > 0 ? $"; {repaired} boxes that left their pictures or had no area were cut or dropped" : "";
        string parts = $"{Data.Train.Count:N0} pictures to learn from and {Data.Test.Count:N0} to be asked about";
        int[] labels = [.. Enumerable.Range(0, Data.Test.Classes.Count)];
        return new RunPlan<DetectionBatch>(Configuration, program, Batches)
        {
            Summary = $"{Variant.Name}, {parts}{kind}, {Classes} classes{cut}{advice}",
            Device = Device,
            Evaluate = stop =>
            {
                var evaluation = DetectorEvaluation.Run(
                    Variant, program.Product, Data.Test, labels, Configuration.ImageSize, each: sameAnswers.Add, cancellation: stop);
                sameAnswers.End();
                return DetectorEvaluation.Figures(evaluation);
            },
            Keep = folder => Data.Keep(folder?.Folder, Configuration.Data),
            View = View,
        };
    }

    /// <summary>Pictures with more objects than are answered; where they would have to be cut out first, it is not looked up.</summary>
    internal static int Crowded(DetectionDataset data) =>
        data.Things is null ? Enumerable.Range(0, data.Count).Count(k => data.BoxesOf(k).Count > MostAnswers) : 0;

    private BatchView View(DetectionBatch batch)
    {
        Tensor offsets = Tensor.From([.. plan.Mean], [3, 1, 1]), scales = Tensor.From([.. plan.Std], [3, 1, 1]);
        var cells = new List<Image>();
        for (int k = 0; k < Math.Min(batch.Count, ShownPictures); k++)
        {
            var picture = ((batch.PictureOf(k) * scales) + offsets).ToImage();
            var corners = batch.CornersOf(k).ToArray<float>().Chunk(4);
            var boxes = batch.Targets[k].Labels.ToArray<long>().Zip(corners, (label, edges) =>
                new Box(Data.Train.Classes[(int)label], 1, edges[0], edges[1], edges[2], edges[3], (int)label));
            cells.Add(BoxDrawing.Over(picture, [.. boxes]));
        }

        long objects = batch.Targets.Sum(target => target.Count);
        return new BatchView(
            ImageGrid.Create(cells, 2),
            "a batch and its objects",
            $"look whether each box fits its object ({objects} in {batch.Count} pictures)");
    }

    private RunConfiguration Settle(RunConfiguration configuration)
    {
        if (configuration.Classes is { } asked && !asked.SequenceEqual(Data.Train.Classes))
        {
            string found = string.Join(", ", Data.Train.Classes);
            throw new DataException(configuration.Data, $"its classes are {found}, but the run's are {string.Join(", ", asked)}");
        }

        var (settled, watched) = plan.Settle?.Invoke(configuration, Data.Train) ?? (configuration, null);
        string best = WatchedFigure.Settle(configuration.Run.Watched, watched ?? plan.Watched, plan.Figures(Data.Train));
        return (settled with { Classes = Data.Train.Classes }).With(settled.Run with { Watched = best });
    }
}
