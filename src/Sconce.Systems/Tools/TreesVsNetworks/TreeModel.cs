using Sconce.Tables;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>
/// Trained trees with all that is needed to answer rows of a file: which columns, how they are prepared, what is answered.
/// </summary>
/// <param name="Preparation">How columns become features.</param>
/// <param name="Target">What is answered.</param>
/// <param name="Ensemble">The trees.</param>
public sealed record TreeModel(TablePreparation Preparation, TableTarget Target, TreeEnsemble Ensemble)
{
    /// <summary>Classes; 0 where numbers are answered.</summary>
    public int Classes => Target.Classes?.Count ?? 0;

    /// <summary>Trains on a table by boosting.</summary>
    /// <param name="training">Rows to learn from.</param>
    /// <param name="target">The column to be answered; all others are features.</param>
    /// <param name="settings">How trees are grown.</param>
    /// <param name="validation">Rows that say when to end; none: all rounds.</param>
    /// <param name="categories">Columns of numbers that are categories.</param>
    /// <param name="progress">Told every round.</param>
    /// <param name="cancellation">Ends it between two trees.</param>
    public static TreeModel Train(
        Table training,
        TableTarget target,
        TreeSettings settings,
        Table? validation = null,
        IReadOnlyCollection<string>? categories = null,
        IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(training);
        ArgumentNullException.ThrowIfNull(target);
        var preparation = TablePreparation.Learn(training,
            training.Columns.Select(column => column.Name).Where(name => name != target.Name), categories);
        var kind = target.Classes?.Count switch { null => TreeTarget.Number, 2 => TreeTarget.TwoClasses, _ => TreeTarget.Classes };
        var rows = new TreeRows(preparation.Features(training, out _), target.Values(training));
        var watched = validation is null ? null : new TreeRows(preparation.Features(validation, out _), target.Values(validation));
        return new TreeModel(preparation, target,
            TreeTraining.Boost(rows, kind, settings, target.Classes?.Count ?? 2, watched, progress, cancellation));
    }

    /// <summary>Answers rows: a number each, or the probabilities of the classes, row by row.</summary>
    /// <param name="table">Columns are found by name; one that is missing is an error, others are ignored.</param>
    /// <param name="notes">What was unlike training: unseen kinds, new blanks.</param>
    public double[] Answer(Table table, out IReadOnlyList<PreparationNote> notes)
    {
        var features = Preparation.Features(table, out notes);
        return Classes == 0 ? Ensemble.Raw(features) : Ensemble.Probabilities(features);
    }

    /// <summary>Writes the file whole, or leaves what was there.</summary>
    public void Save(string path) => TreeModelFile.Save(path, this);

    /// <summary>Reads a file.</summary>
    /// <exception cref="TableException">It is missing, of another kind or version, or damaged.</exception>
    public static TreeModel Load(string path) => TreeModelFile.Load(path);
}
