using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>A run of the expert.</summary>
internal sealed class SyncRun : SpokenRun
{
    private readonly SyncProgram program;

    internal SyncRun(TrainingSetup setup, SyncMethod method)
        : base(
            setup, method, setup.Configuration.Of<SyncSettings>().Box, ["loss", "accuracy"], static asked => asked,
            static (moments, cut) => new SyncRecipe(moments, cut))
    {
        var made = Own(Variant.Create(new ModelOptions()));
        program = Built(() =>
        {
            var network = made as SyncExpert
                ?? throw new UsageException($"{Variant.Name} is no expert of sync, which the method {method.Name} trains");
            ConfiguredParts.Ready(network, Variant, Configuration, Device);
            return new SyncProgram(network, Adversary("expert", network, 0.9), Device);
        });
    }

    /// <inheritdoc/>
    protected override TrainingProgram<SpokenBatch> Program => program;

    /// <inheritdoc/>
    protected override FigureSet Evaluate(CancellationToken cancellation)
    {
        double[] means = Means(2, batch =>
        {
            using var scope = new TensorScope();
            var (loss, accuracy) = program.Judge(batch);
            return [loss.Item<double>(), accuracy];
        }, cancellation);
        return new FigureSet { Figure.Lower("loss", means[0]), { "accuracy", means[1] } };
    }

    /// <inheritdoc/>
    protected override BatchView View(SpokenBatch batch) =>
        new(Rows(batch.Parts[1]), "five frames a row, blue for red", "each row shows one face from the brows to under the chin");
}
