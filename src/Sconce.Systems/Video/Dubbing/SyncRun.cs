using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>What a run of the expert is made of.</summary>
internal static class SyncRun
{
    internal static RunPlan<SpokenBatch> Plan(TrainingSetup setup, SyncMethod method, OwnedParts owned)
    {
        var box = setup.Configuration.Of<SyncSettings>().Box;
        var run = new SpokenRun(
            setup, new SpokenPlan(method, box, ["loss", "accuracy"], static (moments, cut) => new SyncRecipe(moments, cut)), owned);
        var network = owned.Own(run.Variant.Create(new ModelOptions())) as SyncExpert
            ?? throw new UsageException($"{run.Variant.Name} is no expert of sync, which the method {method.Name} trains");
        ConfiguredParts.Ready(network, run.Variant, run.Configuration, run.Device);
        var program = new SyncProgram(network, run.Adversary("expert", network, 0.9, owned), run.Device);
        return run.Plan(
            program,
            stop => Evaluate(run, program, stop),
            static batch => new BatchView(
                SpokenRun.Rows(batch.Parts[1]), "five frames a row, blue for red",
                "look whether each row shows one face from the brows to under the chin"));
    }

    private static FigureSet Evaluate(SpokenRun run, SyncProgram program, CancellationToken cancellation)
    {
        double[] means = run.Means(2, batch =>
        {
            using var scope = new TensorScope();
            var (loss, accuracy) = program.Judge(batch);
            return [loss.Item<double>(), accuracy];
        }, cancellation);
        return new FigureSet { Figure.Lower("loss", means[0]), { "accuracy", means[1] } };
    }
}
