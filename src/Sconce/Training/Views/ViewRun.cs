using Sconce.Abilities;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>What learns from views, made with initial weights.</summary>
/// <param name="Network">Everything that is saved; the run frees it.</param>
/// <param name="Encoder">The part of it that is used afterwards, <c>(N, 3, H, W) -> (N, width)</c>.</param>
/// <param name="Program">The loss, given the player over the network, on the run's device.</param>
public sealed record ViewLearner(Module Network, Module<Tensor, Tensor> Encoder, Func<Player, LossProgram<ViewBatch>> Program);

/// <summary>What a method that learns from views of pictures, without labels, gives to its run.</summary>
/// <param name="Method">The method.</param>
/// <param name="Views">One augmentation a view, given a run with data and configuration.</param>
/// <param name="Learner">Network and loss.</param>
/// <param name="Optimizer">Of the learner's network.</param>
/// <param name="Schedule">The rate of each step, given the steps of an epoch.</param>
public sealed record ViewPlan(
    TrainingMethod Method,
    Func<ViewRun, IReadOnlyList<Augmentation>> Views,
    Func<ViewRun, ViewLearner> Learner,
    Func<ViewRun, Module, Optimizer> Optimizer,
    Func<ViewRun, int, LearningRateSchedule> Schedule)
{
    /// <summary>Settles what the method's defaults leave open; see <see cref="ClassifierPlan.Settle"/>.</summary>
    public Func<RunConfiguration, RunConfiguration>? Settle { get; init; }
}

/// <summary>A run that learns an encoder from views of pictures. It is evaluated by its loss on held-out pictures and, where they lie in
/// folders of classes, by nearest neighbours.</summary>
public sealed class ViewRun : TrainingRun
{
    private const int Probed = 2000;
    private readonly ViewPlan plan;
    private readonly MultiViewRecipe recipe;
    private readonly DataLoader<ImageExample[], ViewBatch> heldOut;
    private readonly DataLoader<ImageExample, ImageBatch> known;
    private readonly DataLoader<ImageExample, ImageBatch> asked;
    private readonly ViewLearner learner;
    private readonly Player player;
    private readonly LossProgram<ViewBatch> program;

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
        ConfiguredParts.Verify(configuration, plan.Method, "labels are not needed");
        Variant = plan.Method.StandIn(setup.Models.Get(configuration.Network));
        if (!Variant.Has<TakesPictures>())
            throw new UsageException($"{Variant.Name} takes no pictures, and {method} learns from those");
        configuration = ConfiguredParts.Settle(configuration, Variant, plan.Method, plan.Settle);
        Data = UnlabelledImages.Open(configuration.Data, configuration.Run.Validation, configuration.Run.Seed, setup.Kept);
        setup.Tell(Data.Remarks);
        string watched = WatchedFigure.Settle(configuration.Run.Watched, "loss", Data.Classes.Count < 2 ? ["loss"] : ["loss", "knn"]);
        Configuration = (configuration with { Classes = Data.Classes.Count > 0 ? Data.Classes : null }).With(
            configuration.Run with { Watched = watched });
        if (Configuration.Run.Batch < 2)
        {
            throw new SettingsException("batch",
                called => $"{called} is {Configuration.Run.Batch}: {method} compares the pictures of a batch, so it needs two at least");
        }

        if (Data.Test.Count < 2)
            throw new DataException(Configuration.Data,
                $"one picture is held out, and {method} compares several with each other: hold out more");
        if (Data.Train.Count < Configuration.Run.Batch)
        {
            throw new SettingsException("batch", called =>
                $"{called} {Configuration.Run.Batch}: there are {Data.Train.Count} pictures to learn from, and {method} compares those of "
                + $"a whole batch: take smaller ones");
        }

        ConfiguredParts.UseThreads(Configuration);
        Preprocessing = ClassifierNetwork.Preprocessing(Variant, Configuration.ImageSize);
        var options = ConfiguredParts.Loading(Configuration, setup.Fault);
        recipe = Recipe(Data.Train);
        Batches = new DataLoader<ImageExample[], ViewBatch>(recipe, options with { Shuffle = true, DropLast = true });
        heldOut = new DataLoader<ImageExample[], ViewBatch>(Recipe(Data.Test),
            options with { BatchSize = Math.Min(options.BatchSize, Data.Test.Count), DropLast = true });
        known = Plain(Data.Train);
        asked = Plain(Data.Test);
        Device = setup.RunsOn;
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
        learner = plan.Learner(this);
        try
        {
            ConfiguredParts.Freeze(learner.Encoder, Configuration);
            if (Device.Type != DeviceType.Cpu) learner.Network.To(Device);
            player = ConfiguredParts.Player("encoder", learner.Network, plan.Optimizer(this, learner.Network), Configuration,
                plan.Schedule(this, StepsPerEpoch));
            program = learner.Program(player);
        }
        catch
        {
            learner.Network.Dispose();
            throw;
        }

        DataLoader<ImageExample, ImageBatch> Plain(IDataset<ImageExample> images)
        {
            var few = images.Count <= Probed
                ? images : images.Subset(AugmentationRandom.Permutation(images.Count, Configuration.Run.Seed, 0)[..Probed]);
            return ImageLoader.Create(few, [new Preprocess(Preprocessing)], options, Preprocessing.Mean, Preprocessing.Std);
        }
    }

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{Variant.Name} by {plan.Method.Name}, {Data.Train.Count:N0} pictures to learn from without labels and {Data.Test.Count:N0} held "
        + $"out{(Data.Classes.Count > 0 ? $" (their {Data.Classes.Count} folders are only asked about)" : "")}";

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
    public override TrainingResult Train(RunFolder? folder, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Data.Keep(folder, Configuration.Data);
        var trainer = new Trainer<ViewBatch>(program, Batches, ConfiguredParts.Trainer(Configuration, Device))
        { Folder = folder, Evaluate = Evaluate };
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
            new SanityFinding("views of a batch", true,
                $"{picture}: a row a picture; would you know that the views of a row are of one picture?"),
            SanityCheck.Falls(program, batch, $"the loss of {plan.Method.Name}", cancellation: cancellation),
        ];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        player.Dispose();
        learner.Network.Dispose();
    }

    private MultiViewRecipe Recipe(IDataset<ImageExample> images) =>
        new(images, plan.Views(this)) { Mean = Preprocessing.Mean, Std = Preprocessing.Std };

    private FigureSet Evaluate(CancellationToken cancellation)
    {
        var figures = new FigureSet { Figure.Lower("loss", HeldOutLoss(cancellation)) };
        if (Data.Classes.Count < 2) return figures;
        using var scope = new TensorScope();
        var train = scope.Keep(FeatureProbe.Features(learner.Encoder, known, Device, cancellation));
        var test = scope.Keep(FeatureProbe.Features(learner.Encoder, asked, Device, cancellation));
        figures.Add("knn", FeatureProbe.NearestNeighbours(train, test, Data.Classes.Count));
        return figures;
    }

    /// <summary>The loss as in training, with statistics of each batch; the state that a step changes (running statistics, a queue) is put
    /// back.</summary>
    private double HeldOutLoss(CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var before = learner.Network.NamedBuffers().Select(named => (named.Buffer, Value: named.Buffer.Clone())).ToList();
        double sum = 0;
        try
        {
            learner.Network.Train();
            ClassifierEvaluation.Each(heldOut, batch => sum += program.Loss(batch).Item<double>(), cancellation);
        }
        finally
        {
            foreach (var (buffer, value) in before) buffer.CopyInPlace(value);
            learner.Network.Eval();
        }

        return sum / heldOut.BatchesPerEpoch;
    }
}
