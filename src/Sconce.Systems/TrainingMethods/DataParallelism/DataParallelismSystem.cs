using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Systems.TrainingMethods.DataParallelism;

/// <summary>The card of the measurement of data parallelism.</summary>
public sealed class DataParallelismSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "data_parallelism",
        "Measuring data parallelism",
        "2018-W45",
        SystemTask.Training,
        new Paper(
            "Measuring the Effects of Data Parallelism on Neural Network Training",
            "Shallue, Lee, Antognini, Sohl-Dickstein, Frostig, Dahl",
            2018,
            "1811.03600",
            ""),
        "Steps to a goal error by batch size with everything tuned anew at each: where larger batches save steps, where they begin to "
            + "fail, where they buy nothing.");

    /// <inheritdoc/>
    public override Claim Claim { get; } = new DataParallelismClaim();
}
