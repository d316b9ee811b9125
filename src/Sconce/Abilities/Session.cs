namespace Sconce.Abilities;

/// <summary>An ability with its weights loaded; it answers many questions.</summary>
public abstract class Session : IDisposable
{
    /// <summary>Whether several threads may ask it at once.</summary>
    public virtual bool IsShared => false;

    /// <summary>How many inputs are best asked about together.</summary>
    public virtual int BatchSize => 1;

    /// <summary>Answers for a face that does not know the types.</summary>
    /// <param name="inputs">Of the ability's kind.</param>
    /// <param name="settings">A record of the ability's schema.</param>
    /// <param name="progress">Told of long work.</param>
    /// <param name="cancellation">Ends it.</param>
    public abstract IReadOnlyList<IAnswer> Answer(IReadOnlyList<IInput> inputs, object settings, IProgress<WorkProgress>? progress,
        CancellationToken cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what was loaded.</summary>
    protected virtual void Free()
    {
    }
}

/// <summary>An ability with its weights loaded.</summary>
/// <typeparam name="TInput">What goes in.</typeparam>
/// <typeparam name="TAnswer">What comes out.</typeparam>
/// <typeparam name="TSettings">What can be set for each question.</typeparam>
public abstract class Session<TInput, TAnswer, TSettings> : Session
    where TInput : IInput<TInput>
    where TAnswer : IAnswer
    where TSettings : class, ISettings<TSettings>, new()
{
    /// <summary>Answers about one input.</summary>
    /// <param name="input">What is asked about.</param>
    /// <param name="settings">What is set; the defaults where left out.</param>
    /// <param name="progress">Told of long work.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SettingsException">A setting is out of its range.</exception>
    public TAnswer Ask(TInput input, TSettings? settings = null, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default) =>
        Ask([input], settings, progress, cancellation)[0];

    /// <summary>Answers about several inputs, in their order; together, where that is faster.</summary>
    /// <param name="inputs">What is asked about.</param>
    /// <param name="settings">What is set; the defaults where left out.</param>
    /// <param name="progress">Told of long work.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="SettingsException">A setting is out of its range.</exception>
    public IReadOnlyList<TAnswer> Ask(
        IReadOnlyList<TInput> inputs, TSettings? settings = null, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Answer(inputs, TSettings.Schema.Verified(settings ?? new TSettings()), progress, cancellation);
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<IAnswer> Answer(
        IReadOnlyList<IInput> inputs, object settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. Ask([.. inputs.Cast<TInput>()], (TSettings)settings, progress, cancellation)];

    /// <summary>Answers about several inputs; the settings are good.</summary>
    protected abstract IReadOnlyList<TAnswer> Answer(
        IReadOnlyList<TInput> inputs, TSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation);
}
