using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Video.Dubbing;

/// <summary>A run of the painter.</summary>
internal sealed class LipRun : SpokenRun
{
    private readonly LipProgram program;
    private readonly bool hasExpert;

    internal LipRun(TrainingSetup setup, LipMethod method)
        : base(
            setup, method, setup.Configuration.Of<LipSettings>().Box, ["L1", "mouth L1"], Settle,
            static (moments, cut) => new LipRecipe(moments, cut))
    {
        var settings = Configuration.Of<LipSettings>();
        hasExpert = settings.Expert is not null;
        var made = Own(Variant.Create(new ModelOptions()));
        program = Built(() =>
        {
            var network = made as LipPainter
                ?? throw new UsageException($"{Variant.Name} paints no lips, which the method {method.Name} trains");
            ConfiguredParts.Ready(network, Variant, Configuration, Device);
            SyncExpert? expert = settings.Expert is { } file ? Own(DubbingSystem.ExpertOf(file)) : null;
            expert?.RequireGrad(false);
            expert?.To(Device);
            (FaceQuality, Player)? judge = null;
            if (settings.Quality > 0)
            {
                var quality = Own(new FaceQuality());
                quality.To(Device);
                judge = (quality, Adversary("judge", quality, 0.5));
            }

            return new LipProgram(network, Adversary("painter", network, 0.5), expert, judge, settings, Device);
        });
    }

    /// <inheritdoc/>
    public override string Summary => base.Summary
        + (hasExpert ? "" : "; without an expert of sync (a run of syncnet) lips are less exact");

    /// <inheritdoc/>
    protected override TrainingProgram<SpokenBatch> Program => program;

    /// <inheritdoc/>
    protected override FigureSet Evaluate(CancellationToken cancellation)
    {
        const int half = LipPainter.Side / 2;
        double[] means = Means(2, batch =>
        {
            using var scope = new TensorScope();
            var off = (program.Painted(batch) - batch.Parts[2].To(Device)).Abs();
            return [off.Mean().Item<double>(), off[.., .., .., half..].Mean().Item<double>()];
        }, cancellation);
        return new FigureSet { Figure.Lower("L1", means[0]), Figure.Lower("mouth L1", means[1]) };
    }

    /// <inheritdoc/>
    protected override BatchView View(SpokenBatch batch) =>
        new(Rows(batch.Parts[2]), "five frames a row", "each row shows one face from the brows to under the chin");

    private static RunConfiguration Settle(RunConfiguration asked)
    {
        var given = asked.Of<LipSettings>();
        return asked with { Settings = given with { Expert = given.Expert is { } file ? Path.GetFullPath(file) : null } };
    }
}
