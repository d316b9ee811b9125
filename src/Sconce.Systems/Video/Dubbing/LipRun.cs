using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>What a run of the painter is made of.</summary>
internal static class LipRun
{
    internal static RunPlan<SpokenBatch> Plan(TrainingSetup setup, LipMethod method, OwnedParts owned)
    {
        var box = setup.Configuration.Of<LipSettings>().Box;
        var plan = new SpokenPlan(method, box, ["L1", "mouth L1"], static (moments, cut) => new LipRecipe(moments, cut))
        {
            Settle = Settle,
        };
        var run = new SpokenRun(setup, plan, owned);
        var settings = run.Configuration.Of<LipSettings>();
        var network = owned.Own(run.Variant.Create(new ModelOptions())) as LipPainter
            ?? throw new UsageException($"{run.Variant.Name} paints no lips, which the method {method.Name} trains");
        ConfiguredParts.Ready(network, run.Variant, run.Configuration, run.Device);
        var expert = settings.Expert is { } file ? owned.Own(DubbingSystem.ExpertOf(file)) : null;
        expert?.RequireGrad(false);
        expert?.To(run.Device);
        (FaceQuality, Player)? judge = null;
        if (settings.Quality > 0)
        {
            var quality = owned.Own(new FaceQuality());
            quality.To(run.Device);
            judge = (quality, run.Adversary("judge", quality, 0.5, owned));
        }

        var painter = run.Adversary("painter", network, 0.5, owned);
        var program = new LipProgram(network, painter, expert, judge, settings, run.Device);
        return run.Plan(
            program,
            stop => Evaluate(run, program, stop),
            static batch => new BatchView(
                SpokenRun.Rows(batch.Parts[2]), "five frames a row",
                "look whether each row shows one face from the brows to under the chin"),
            expert is null ? "; without an expert of sync (a run of syncnet) lips are less exact" : "");
    }

    private static FigureSet Evaluate(SpokenRun run, LipProgram program, CancellationToken cancellation)
    {
        const int half = LipPainter.Side / 2;
        double[] means = run.Means(2, batch =>
        {
            using var scope = new TensorScope();
            var off = (program.Painted(batch) - batch.Parts[2].To(run.Device)).Abs();
            return [off.Mean().Item<double>(), off[.., .., .., half..].Mean().Item<double>()];
        }, cancellation);
        return new FigureSet { Figure.Lower("L1", means[0]), Figure.Lower("mouth L1", means[1]) };
    }

    private static RunConfiguration Settle(RunConfiguration asked)
    {
        var given = asked.Of<LipSettings>();
        return asked with { Settings = given with { Expert = given.Expert is { } file ? Path.GetFullPath(file) : null } };
    }
}
