using Sconce.Data;
using Sconce.Metrics;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>What a run of one program over one source of batches is made of.</summary>
/// <typeparam name="TBatch">What the source gives.</typeparam>
/// <param name="Configuration">With nothing open.</param>
/// <param name="Program">Who learns, and how.</param>
/// <param name="Batches">The data.</param>
public sealed record RunPlan<TBatch>(RunConfiguration Configuration, TrainingProgram<TBatch> Program, IBatchSource<TBatch> Batches)
{
    /// <summary>See <see cref="TrainingRun.Summary"/>.</summary>
    public required string Summary { get; init; }

    /// <summary>Where the networks are.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>See <see cref="Trainer{TBatch}.Evaluate"/>.</summary>
    public Func<CancellationToken, FigureSet>? Evaluate { get; init; }

    /// <summary>How many items <see cref="Evaluate"/> asks about; 0 where nobody needs to know.</summary>
    public int HeldOut { get; init; }

    /// <summary>What those are, in the plural.</summary>
    public string Items { get; init; } = "pictures";

    /// <summary>Keeps the parts of the data in the run's folder; null where there is nothing to keep.</summary>
    public Action<RunFolder?>? Keep { get; init; }

    /// <summary>A batch for a person's eyes before the run; null where there is nothing to be seen. The random numbers that it draws
    /// do not change the check.</summary>
    public Func<TBatch, BatchView>? View { get; init; }

    /// <summary>Whether the loss that progress shows falls on one batch seen again and again: of a player against another it need
    /// not.</summary>
    public bool Falls { get; init; } = true;

    /// <summary>What a check finds on a first batch, where that is more than a picture and whether the loss falls; it is told where a
    /// picture may be written. Null for those.</summary>
    public Func<TBatch, string, CancellationToken, IReadOnlyList<SanityFinding>>? Check { get; init; }

    /// <summary>Whether a check makes the first steps of the run and asks no more than finite losses, where batches are made or drawn
    /// anew and one of them alone says little; else it sees one batch again and again.</summary>
    public bool ChecksFirstSteps { get; init; }
}

/// <summary>
/// A run that is all program: what is left to a method is to build the parts of its <see cref="RunPlan{TBatch}"/>. The run frees them.
/// </summary>
/// <typeparam name="TBatch">What the source gives.</typeparam>
public sealed class ProgramRun<TBatch> : TrainingRun
{
    private readonly RunPlan<TBatch> plan;
    private readonly OwnedParts owned;

    private ProgramRun(RunPlan<TBatch> plan, OwnedParts owned) => (this.plan, this.owned) = (plan, owned);

    /// <inheritdoc/>
    public override RunConfiguration Configuration => plan.Configuration;

    /// <inheritdoc/>
    public override string Summary => plan.Summary;

    /// <summary>Builds a run; what was built is freed where building fails.</summary>
    /// <param name="build">Gives the plan, and hands over what the run is to free.</param>
    public static ProgramRun<TBatch> Open(Func<OwnedParts, RunPlan<TBatch>> build)
    {
        ArgumentNullException.ThrowIfNull(build);
        var owned = new OwnedParts();
        try
        {
            return new ProgramRun<TBatch>(build(owned), owned);
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override TrainingResult Train(
        RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        plan.Keep?.Invoke(folder);
        var options = ConfiguredParts.Trainer(Configuration, plan.Device);
        var trainer = new Trainer<TBatch>(plan.Program, plan.Batches, options) { Folder = folder, Evaluate = plan.Evaluate };
        return trainer.Run(progress, cancellation);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        if (plan.ChecksFirstSteps)
        {
            var options = ConfiguredParts.Trainer(Configuration, plan.Device);
            return [SanityCheck.FirstSteps(plan.Program, plan.Batches, options, cancellation: cancellation)];
        }

        using var group = plan.Batches.FirstBatches(1, cancellation);
        var batch = group.Batches[0];
        if (plan.Check is { } check) return check(batch, picture, cancellation);
        SanityFinding[] seen = plan.View is { } view ? [Seen(view, batch, picture)] : [];
        var learned = SanityCheck.Falls(plan.Program, batch, $"the loss of {Configuration.Method}", cancellation: cancellation);
        return [.. seen, plan.Falls ? learned : learned with { Passed = true }];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => owned.Dispose();

    /// <summary>The picture stands there before any step, so also where the data are such that none can be made.</summary>
    private static SanityFinding Seen(Func<TBatch, BatchView> view, TBatch batch, string picture)
    {
        using var random = new RandomStates();
        using var scope = new TensorScope();
        var shown = view(batch);
        shown.Picture.Save(picture);
        return new SanityFinding(shown.Name, true, $"{picture}: {shown.Question}");
    }
}
