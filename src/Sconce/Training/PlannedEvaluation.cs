using System.Globalization;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>
/// What is said of a network whose training watches all that there is to be said: its run is planned anew over the trained weights, and
/// asked as at the end of an epoch.
/// </summary>
public static class PlannedEvaluation
{
    /// <summary>Asks the weights about what their run holds out, or about the same part of other data.</summary>
    /// <typeparam name="TBatch">What the run's source gives.</typeparam>
    /// <param name="network">The trained network.</param>
    /// <param name="method">How it was trained.</param>
    /// <param name="data">Other data than the run's own; null for those.</param>
    /// <param name="plan">Plans a run.</param>
    /// <param name="progress">Told of long preparation.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="UsageException">There are no data, or a setting is missing that only a run knows.</exception>
    public static EvaluationReport Of<TBatch>(
        TrainedNetwork network, TrainingMethod method, string? data, Func<TrainingSetup, OwnedParts, RunPlan<TBatch>> plan,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(plan);
        bool isOwn = network.IsOwn(data);
        var asked = network.Configuration ?? method.Start(network.Variant.Name);
        string place = data ?? asked.Data;
        if (place.Length == 0) throw new SettingsException("data", called => $"which data? {called} names them");
        var remarks = new List<string>();
        // The weights that are asked are what the run begins with; whatever else it began with lies in them.
        var setup = new TrainingSetup(
            asked.With(asked.Run with { Data = place, Pretrained = network.Weights }),
            new ModelRegistry([network.Variant], []), new MethodRegistry([method]))
        {
            Device = network.RunsOn,
            Folder = isOwn ? network.Run : null,
            Remark = remarks.Add,
            Progress = progress,
            Cancellation = cancellation,
        };
        using var owned = new OwnedParts();
        var made = plan(setup, owned);
        if (made.Evaluate is null) throw new UsageException($"{network.Variant.Name}: its training watches no figures");
        if (!isOwn)
        {
            string share = asked.Run.Validation.ToString("P0", CultureInfo.InvariantCulture);
            remarks.Add($"of {place} that part was asked about which training would hold out, {share}");
        }

        made.Program.Product.Eval();
        FigureSet figures;
        using (Gradients.Off()) figures = made.Evaluate(cancellation);
        return new EvaluationReport(place, made.HeldOut, figures) { Items = made.Items, Remarks = remarks };
    }
}
