using Sconce.Training;

namespace Sconce.Catalogue;

/// <summary>How a system without a network of its own is judged on a person's own files: answers against the truth.</summary>
public abstract class SystemEvaluation
{
    /// <summary>What can be set: the files, and how strict.</summary>
    public abstract SettingsSchema Settings { get; }

    /// <summary>Lines that show its use: what follows the name, and what it does.</summary>
    public virtual IReadOnlyList<(string Line, string Meaning)> Examples => [];

    /// <summary>The figures.</summary>
    /// <param name="settings">A record of <see cref="Settings"/>.</param>
    /// <param name="progress">Told of long work.</param>
    /// <param name="cancellation">Ends it.</param>
    public abstract EvaluationReport Evaluate(object settings, IProgress<WorkProgress>? progress, CancellationToken cancellation);
}

/// <summary>The same with its record of settings.</summary>
/// <typeparam name="TSettings">What can be set.</typeparam>
public abstract class SystemEvaluation<TSettings> : SystemEvaluation
    where TSettings : class, ISettings<TSettings>, new()
{
    /// <inheritdoc/>
    public sealed override SettingsSchema Settings => TSettings.Schema;

    /// <inheritdoc/>
    public sealed override EvaluationReport Evaluate(object settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        Evaluate(TSettings.Schema.Verified((TSettings)settings), progress, cancellation);

    /// <summary>The figures; the settings are good.</summary>
    protected abstract EvaluationReport Evaluate(TSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation);
}
