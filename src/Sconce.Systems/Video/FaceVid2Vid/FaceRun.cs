using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>A run of a talking head on clips of faces.</summary>
internal sealed class FaceRun : SupervisedRun<FaceBatch>
{
    private const int Shown = 4;
    private static readonly string[] Figures = ["gain", "L1"];
    private readonly List<(string File, IReadOnlyList<string> Clip)> learned = [], held = [];
    private readonly int clips, side;
    private readonly DataLoader<float[][], FaceBatch> batches;
    private readonly FaceProgram program;

    internal FaceRun(TrainingSetup setup, FaceMethod method)
        : base(setup)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method, "clips of faces");
        var variant = setup.Models.Get(asked.Network);
        var configuration = ConfiguredParts.Settle(asked, variant, method);
        var settings = configuration.Of<FaceSettings>();
        side = (int)variant.InputShape[^1];
        var cache = Own(new KeptFolder(setup.Folder, FrameSequences.Folder));
        int kept = settings.Box.Count > 0 ? int.MaxValue : side; // a box is in the clip's own pixels
        var sequences = Built(() => FrameSequences.Open(
            configuration.Data, cache.Path, kept, settings.Rate, setup.Progress, setup.Cancellation));
        clips = sequences.Count;
        Built(() => Split(sequences, configuration));
        string watched = WatchedFigure.Settle(configuration.Run.Watched, Figures[0], Figures);
        Configuration = configuration.With(configuration.Run with { Watched = watched });
        ConfiguredParts.UseThreads(Configuration);
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault);
        batches = new(
            new FaceRecipe(learned, settings.Box, side),
            loading with { Shuffle = true, DropLast = learned.Count > Configuration.Run.Batch });
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
        var made = Own(variant.Create(new ModelOptions()));
        program = Built(() =>
        {
            var network = made as FaceVid2VidNetwork
                ?? throw new UsageException($"{variant.Name} is no talking head, which the method {method.Name} trains");
            var judge = Own(new FaceDiscriminator(new FaceDiscriminatorConfig { Blocks = side > 64 ? 4 : 2 }));
            ConfiguredParts.Ready(network, variant, Configuration, Device);
            judge.To(Device);
            return new FaceProgram(
                network, judge, Player("painter", network), Player("judge", judge), Configuration.Of<FaceSettings>(), HeldOut, Device);
        });
    }

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{Configuration.Network}, {clips:N0} clips, {learned.Count:N0} frames to learn from and {held.Count:N0} to be asked about, "
        + $"faces of {side} pixels";

    /// <inheritdoc/>
    protected override IBatchSource<FaceBatch> Batches => batches;

    /// <inheritdoc/>
    protected override TrainingProgram<FaceBatch> Program => program;

    private IReadOnlyList<int> Box => Configuration.Of<FaceSettings>().Box;

    /// <summary>
    /// How far held-out frames are from what is painted of their clip's first frame, and how much nearer than that frame is.
    /// </summary>
    protected override FigureSet Evaluate(CancellationToken cancellation)
    {
        double own = 0, still = 0;
        using var off = Gradients.Off();
        for (int k = 0; k < held.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var batch = Pairs([k]);
            Tensor sources = batch.Sources.To(Device), drivings = batch.Drivings.To(Device);
            own += (program.Painted(sources, drivings) - drivings).Abs().Mean().Item<double>() / held.Count;
            still += (sources - drivings).Abs().Mean().Item<double>() / held.Count;
        }

        return new FigureSet { { "gain", still > 0 ? 1 - (own / still) : 0 }, Figure.Lower("L1", own) };
    }

    /// <inheritdoc/>
    protected override BatchView View(FaceBatch batch)
    {
        using var scope = new TensorScope();
        var cells = Enumerable.Range(0, Math.Min(Shown, batch.Count))
            .SelectMany(k => new[] { batch.Sources[k], batch.Drivings[k] }).Select(face => face.ToImage());
        return new BatchView(ImageGrid.Create([.. cells], 2), "pairs of frames", "each row shows one person, whose face fills the square");
    }

    /// <summary>Adam as the re-implementation has it.</summary>
    private Player Player(string name, Module network)
    {
        var optimizer = ConfiguredParts.Optimizer(network, Configuration, (0.5, 0.999));
        return Own(ConfiguredParts.Player(name, network, optimizer, Configuration, ConfiguredParts.Schedule(Configuration, StepsPerEpoch)));
    }

    /// <summary>The last frames of every clip are held out.</summary>
    private bool Split(IReadOnlyList<FrameSequence> sequences, RunConfiguration configuration)
    {
        foreach (var sequence in sequences.Where(sequence => sequence.Files.Count > 2))
        {
            int count = sequence.Files.Count, kept = Math.Clamp((int)Math.Round(count * configuration.Run.Validation), 1, count - 2);
            string[] own = [.. sequence.Files.Take(count - kept)];
            learned.AddRange(own.Select(file => (file, (IReadOnlyList<string>)own)));
            held.AddRange(sequence.Files.Skip(count - kept).Select(file => (file, (IReadOnlyList<string>)own)));
        }

        return learned.Count > 0 ? true : throw new DataException(configuration.Data, "none of its clips has three frames or more");
    }

    private FaceBatch HeldOut() => Pairs([.. Enumerable.Range(0, Math.Min(Shown, held.Count))]);

    private FaceBatch Pairs(int[] items)
    {
        var recipe = new FaceRecipe(held, Box, side);
        float[] sources = [.. items.SelectMany(k => recipe.Planes(held[k].Clip[0]))], drivings =
            [.. items.SelectMany(k => recipe.Planes(held[k].File))];
        using var scope = new TensorScope();
        long[] shape = [items.Length, 3, side, side];
        return new FaceBatch(
            scope.KeepForever(Tensor.From(sources, shape)), scope.KeepForever(Tensor.From(drivings, shape)),
                [.. items.Select(k => held[k].File)]);
    }
}
