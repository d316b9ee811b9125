using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>What a method that learns from views of pictures, without labels, gives to its run.</summary>
/// <param name="Method">The method.</param>
/// <param name="Views">One augmentation a view, given a run with data and configuration.</param>
/// <param name="Objective">The loss with its network, whose <see cref="Objective{TBatch}.Product"/> is an encoder <c>(N, 3, H, W) -> (N, width)</c>.</param>
/// <param name="Optimizer">Of the objective's network.</param>
/// <param name="Schedule">The rate of each step, given the steps of an epoch.</param>
public sealed record ViewPlan(
    TrainingMethod Method,
    Func<ViewRun, IReadOnlyList<Augmentation>> Views,
    Func<ViewRun, Objective<ViewBatch>> Objective,
    Func<ViewRun, Module, Optimizer> Optimizer,
    Func<ViewRun, int, LearningRateSchedule> Schedule)
{
    /// <summary>Settles what the method's defaults leave open; see <see cref="ClassifierPlan.Settle"/>.</summary>
    public Func<TrainingConfiguration, TrainingConfiguration>? Settle { get; init; }
}

/// <summary>A run that learns an encoder from views of pictures. It is evaluated by its loss on held-out pictures and, where they lie in folders of classes, by nearest neighbours.</summary>
public sealed class ViewRun : TrainingRun
{
    private const int Probed = 2000;
    private readonly ViewPlan plan;
    private readonly MultiViewRecipe recipe;
    private readonly DataLoader<ImageExample[], ViewBatch> heldOut;
    private readonly DataLoader<ImageExample, ImageBatch> known;
    private readonly DataLoader<ImageExample, ImageBatch> asked;
    private readonly Objective<ViewBatch> objective;
    private readonly Optimizer optimizer;

    /// <summary>Opens the data and builds the network.</summary>
    /// <param name="setup">What is null in its configuration is settled.</param>
    /// <param name="plan">The method's parts.</param>
    /// <exception cref="UsageException">A setting means nothing, or the network takes no pictures.</exception>
    /// <exception cref="DataException">The data cannot be used.</exception>
    public ViewRun(TrainingSetup setup, ViewPlan plan)
    {
        this.plan = plan;
        var configuration = setup.Configuration;
        string method = plan.Method.Name;
        ConfiguredParts.Verify(configuration, "labels are not needed");
        ClassifierSettings.RefuseAugmentation(configuration, method);
        ClassifierSettings.RefuseSmoothing(configuration, method, "learns without labels");
        Variant = plan.Method.StandIn(setup.Models.Get(configuration.Network).Variant);
        if (Variant is not { Preprocessing: not null, InputShape.Count: 3 }) throw new UsageException($"{Variant.Name} takes no pictures, and {method} learns from those");
        configuration = ConfiguredParts.Settle(configuration, Variant, plan.Method, plan.Settle);
        Data = UnlabelledImages.Open(configuration.Data, configuration.Validation, configuration.Seed);
        Configuration = configuration with { Classes = Data.Classes.Count > 0 ? Data.Classes : null };
        if (Data.Train.Count < Configuration.Batch) throw new UsageException($"--batch {Configuration.Batch}: there are {Data.Train.Count} pictures to learn from, and {method} compares those of a whole batch: take smaller ones");
        ConfiguredParts.UseThreads(Configuration);
        Preprocessing = CatalogueClassifier.Preprocessing(Variant, Configuration.ImageSize);
        var options = ConfiguredParts.Loading(Configuration, setup.Fault);
        recipe = Recipe(Data.Train);
        Batches = new DataLoader<ImageExample[], ViewBatch>(recipe, options with { Shuffle = true, DropLast = true });
        heldOut = new DataLoader<ImageExample[], ViewBatch>(Recipe(Data.Test), options with { BatchSize = Math.Min(options.BatchSize, Data.Test.Count), DropLast = true });
        known = Plain(Data.Train);
        asked = Plain(Data.Test);
        Device = TorchRuntime.BestDevice;
        TorchRuntime.ManualSeed(Configuration.Seed);
        objective = plan.Objective(this);
        try
        {
            ConfiguredParts.Freeze(objective.Product, Configuration);
            if (Device.Type != DeviceType.Cpu) objective.Network.To(Device);
            optimizer = plan.Optimizer(this, objective.Network);
        }
        catch
        {
            objective.Network.Dispose();
            throw;
        }

        DataLoader<ImageExample, ImageBatch> Plain(IDataset<ImageExample> images)
        {
            var few = images.Count <= Probed ? images : images.Subset(AugmentationRandom.Permutation(images.Count, Configuration.Seed, 0)[..Probed]);
            return ImageLoader.Create(few, [new Preprocess(Preprocessing)], options, Preprocessing.Mean, Preprocessing.Std);
        }
    }

    /// <inheritdoc/>
    public override TrainingConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{Variant.Name} by {plan.Method.Name}, {Data.Train.Count:N0} pictures to learn from without labels and {Data.Test.Count:N0} held out{(Data.Classes.Count > 0 ? $" (their {Data.Classes.Count} folders are only asked about)" : "")}";

    /// <summary>The catalogue's entry.</summary>
    public ModelVariant Variant { get; }

    /// <summary>The pictures.</summary>
    public UnlabelledImages Data { get; }

    /// <summary>How pictures are prepared for evaluation.</summary>
    public ImagePreprocessing Preprocessing { get; }

    /// <summary>Where the network is.</summary>
    public Device Device { get; }

    /// <summary>The training batches.</summary>
    public IBatchSource<ViewBatch> Batches { get; }

    /// <summary>Steps of one epoch.</summary>
    public int StepsPerEpoch => ConfiguredParts.StepsPerEpoch(Configuration, Batches.BatchesPerEpoch);

    /// <inheritdoc/>
    public override TrainingResult Train(RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        var trainer = new Trainer<ViewBatch>(objective, optimizer, plan.Schedule(this, StepsPerEpoch), Batches, ConfiguredParts.Trainer(Configuration, Device)) { Folder = folder, Evaluate = Evaluate };
        return trainer.Run(progress, cancellation);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        using var group = Batches.FirstBatches(1, cancellation);
        var batch = group.Batches[0];
        SanityCheck.Picture(batch.Views, Preprocessing.Mean, Preprocessing.Std).Save(picture);
        return
        [
            new SanityFinding("views of a batch", true, $"{picture}: a row a picture; would you know that the views of a row are of one picture?"),
            SanityCheck.Falls(objective, batch, $"the loss of {plan.Method.Name}", cancellation: cancellation),
        ];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        optimizer.Dispose();
        objective.Network.Dispose();
    }

    private MultiViewRecipe Recipe(IDataset<ImageExample> images) => new(images, plan.Views(this)) { Mean = Preprocessing.Mean, Std = Preprocessing.Std };

    private Dictionary<string, double> Evaluate(CancellationToken cancellation)
    {
        var figures = new Dictionary<string, double> { ["loss"] = HeldOutLoss(cancellation) };
        if (Data.Classes.Count < 2) return figures;
        using var scope = new TensorScope();
        var encoder = (Module<Tensor, Tensor>)objective.Product;
        var train = scope.Keep(FeatureProbe.Features(encoder, known, Device, cancellation));
        var test = scope.Keep(FeatureProbe.Features(encoder, asked, Device, cancellation));
        figures["knn"] = FeatureProbe.NearestNeighbours(train, test, Data.Classes.Count);
        return figures;
    }

    /// <summary>The loss as in training, with statistics of each batch; the state that a step changes (running statistics, a queue) is put back.</summary>
    private double HeldOutLoss(CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var before = objective.Network.NamedBuffers().Select(named => (named.Buffer, Value: named.Buffer.Clone())).ToList();
        double sum = 0;
        try
        {
            objective.Network.Train();
            ClassifierEvaluation.Each(heldOut, batch => sum += objective.Loss(batch).Item<double>(), cancellation);
        }
        finally
        {
            foreach (var (buffer, value) in before) buffer.CopyInPlace(value);
            objective.Network.Eval();
        }

        return sum / heldOut.BatchesPerEpoch;
    }
}
