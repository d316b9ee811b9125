using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>What a run of a talking head on clips of faces is made of.</summary>
internal static class FaceRun
{
    private const int Shown = 4;
    private static readonly string[] Figures = ["gain", "L1"];

    internal static RunPlan<FaceBatch> Plan(TrainingSetup setup, FaceMethod method, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method, "clips of faces");
        var variant = setup.Models.Get(asked.Network);
        var configuration = Settled(ConfiguredParts.Settle(asked, variant, method));
        var settings = configuration.Of<FaceSettings>();
        int side = (int)variant.Get<TensorInput>().Shape[^1];
        var cache = owned.Own(new KeptFolder(setup.Folder, FrameSequences.Folder));
        int kept = settings.Box.Count > 0 ? int.MaxValue : side; // a box is in the clip's own pixels
        var clips = FrameSequences.Open(configuration.Data, cache.Path, kept, settings.Rate, setup.Progress, setup.Cancellation);
        var frames = FaceFrames.Of(clips, configuration, side);
        string watched = WatchedFigure.Settle(configuration.Run.Watched, Figures[0], Figures);
        configuration = configuration.With(configuration.Run with { Watched = watched });
        ConfiguredParts.UseThreads(configuration);
        var loading = ConfiguredParts.Loading(configuration, setup.Fault);
        var batches = new DataLoader<float[][], FaceBatch>(
            new FaceRecipe(frames.Learned, settings.Box, side, settings.Jitter),
            loading with { Shuffle = true, DropLast = frames.Learned.Count > configuration.Run.Batch });
        var device = setup.RunsOn;
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var network = owned.Own(variant.Create(new ModelOptions())) as FaceVid2VidNetwork
            ?? throw new UsageException($"{variant.Name} is no talking head, which the method {method.Name} trains");
        var judge = owned.Own(new FaceDiscriminator(new FaceDiscriminatorConfig { Blocks = side > 64 ? 4 : 2 }));
        ConfiguredParts.Ready(network, variant, configuration, device);
        judge.To(device);
        var teachers = FaceTeachers.Of(settings, owned, device);
        var program = new FaceProgram(
            network, judge, Player("painter", network), Player("judge", judge), teachers, settings, () => frames.First(Shown), device);
        return new RunPlan<FaceBatch>(configuration, program, batches)
        {
            Summary = $"{configuration.Network}, {clips.Count:N0} clips, {frames.Learned.Count:N0} frames to learn from and "
                + $"{frames.Held.Count:N0} to be asked about, faces of {side} pixels{teachers.Advice()}",
            Device = device,
            Evaluate = stop => Evaluate(program, frames, device, stop),
            HeldOut = frames.Held.Count,
            Items = "frames",
            View = View,
            Falls = program.Players.Count == 1,
        };

        // Adam as the re-implementation has it.
        Player Player(string name, Module learning) => owned.Own(ConfiguredParts.Player(
            name, learning, ConfiguredParts.Optimizer(learning, configuration, (0.5, 0.999)), configuration, batches.BatchesPerEpoch));
    }

    /// <summary>Where the teachers' files are, and what pixels count without VGG's.</summary>
    private static RunConfiguration Settled(RunConfiguration configuration)
    {
        var given = configuration.Of<FaceSettings>();
        var settled = given with
        {
            Difference = given.Difference ?? (given is { Vgg: not null, Perceptual: > 0 } ? 0 : 10),
            Vgg = given.Vgg is { } vgg ? Path.GetFullPath(vgg) : null,
            Hopenet = given.Hopenet is { } hopenet ? Path.GetFullPath(hopenet) : null,
        };
        return configuration with { Settings = settled };
    }

    /// <summary>
    /// How far held-out frames are from what is painted of their clip's first frame, and how much nearer than that frame is.
    /// </summary>
    private static FigureSet Evaluate(FaceProgram program, FaceFrames frames, Device device, CancellationToken cancellation)
    {
        double own = 0, still = 0;
        int count = frames.Held.Count;
        using var off = Gradients.Off();
        for (int k = 0; k < count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var batch = frames.Pairs([k]);
            Tensor sources = batch.Sources.To(device), drivings = batch.Drivings.To(device);
            own += (program.Painted(sources, drivings) - drivings).Abs().Mean().Item<double>() / count;
            still += (sources - drivings).Abs().Mean().Item<double>() / count;
        }

        return new FigureSet { { "gain", still > 0 ? 1 - (own / still) : 0 }, Figure.Lower("L1", own) };
    }

    private static BatchView View(FaceBatch batch)
    {
        var cells = Enumerable.Range(0, Math.Min(Shown, batch.Count))
            .SelectMany(k => new[] { batch.Sources[k], batch.Drivings[k] }).Select(face => face.ToImage());
        return new BatchView(
            ImageGrid.Create([.. cells], 2), "pairs of frames", "look whether each row shows one person, whose face fills the square");
    }
}

/// <summary>The frames of clips, each with its clip's; the last ones of every clip are held out.</summary>
/// <param name="Learned">To learn from.</param>
/// <param name="Held">To be asked about.</param>
/// <param name="Box">Where the face is; empty for the middle.</param>
/// <param name="Side">Of the network's pictures.</param>
internal sealed record FaceFrames(
    IReadOnlyList<(string File, IReadOnlyList<string> Clip)> Learned, IReadOnlyList<(string File, IReadOnlyList<string> Clip)> Held,
    IReadOnlyList<int> Box, int Side)
{
    /// <exception cref="DataException">No clip has three frames.</exception>
    public static FaceFrames Of(IReadOnlyList<FrameSequence> clips, RunConfiguration configuration, int side)
    {
        List<(string File, IReadOnlyList<string> Clip)> learned = [], held = [];
        foreach (var clip in clips.Where(clip => clip.Files.Count > 2))
        {
            int count = clip.Files.Count, kept = Math.Clamp((int)Math.Round(count * configuration.Run.Validation), 1, count - 2);
            string[] own = [.. clip.Files.Take(count - kept)];
            learned.AddRange(own.Select(file => (file, (IReadOnlyList<string>)own)));
            held.AddRange(clip.Files.Skip(count - kept).Select(file => (file, (IReadOnlyList<string>)own)));
        }

        return learned.Count > 0
            ? new FaceFrames(learned, held, configuration.Of<FaceSettings>().Box, side)
            : throw new DataException(configuration.Data, "none of its clips has three frames or more");
    }

    /// <summary>The first held-out ones, as many as there are of those asked.</summary>
    public FaceBatch First(int count) => Pairs([.. Enumerable.Range(0, Math.Min(count, Held.Count))]);

    /// <summary>Held-out frames, each with the first of its clip.</summary>
    public FaceBatch Pairs(int[] items)
    {
        var recipe = new FaceRecipe(Held, Box, Side);
        float[] sources = [.. items.SelectMany(k => recipe.Planes(Held[k].Clip[0]))], drivings =
            [.. items.SelectMany(k => recipe.Planes(Held[k].File))];
        using var scope = new TensorScope();
        long[] shape = [items.Length, 3, Side, Side];
        return new FaceBatch(
            scope.KeepForever(Tensor.From(sources, shape)), scope.KeepForever(Tensor.From(drivings, shape)),
                [.. items.Select(k => Held[k].File)]);
    }
}
