namespace Sconce.Abilities;

/// <summary>What a system does with a person's own files, as every face sees it: a verb, an input, settings, an answer.</summary>
public abstract class Ability
{
    /// <summary>What it does.</summary>
    public abstract Verb Verb { get; }

    /// <summary>One line: what goes in, and what comes out.</summary>
    public abstract string Purpose { get; }

    /// <summary>What goes in.</summary>
    public abstract InputKind Input { get; }

    /// <summary>What can be set for each question.</summary>
    public abstract SettingsSchema Settings { get; }

    /// <summary>Whether it needs a network with weights; a method without one is asked at once.</summary>
    public virtual bool NeedsWeights => true;

    /// <summary>Whether all inputs that are named are one question: two tables that are compared.</summary>
    public virtual bool TakesAllTogether => false;

    /// <summary>Whether words that are no file are said of each file, and belong to its question: a caption of a picture.</summary>
    public virtual bool TakesWordsToo => false;

    /// <summary>Whether a network runs in it, its own or one that its settings name: it is then given the best device there is.</summary>
    public virtual bool RunsNetwork => NeedsWeights;

    /// <summary>
    /// Whether its session only reads the network that it asks for, and several threads may ask that network at once, so that it may be
    /// other sessions' too.
    /// </summary>
    /// <param name="network">What the network says of itself.</param>
    public virtual bool SharesNetwork(IReadOnlyList<Capability> network) => false;

    /// <summary>Whether a size that is asked for is that of what it makes, square or not, in place of the network's own.</summary>
    public virtual bool MakesAnySize => false;

    /// <summary>
    /// The setting that asks for it among several abilities of one verb, such as <c>rank</c>; null where it is asked when none of those is.
    /// </summary>
    public virtual string? AskedBy => null;

    /// <summary>Lines that show its use: what follows the verb and the name, and what it does.</summary>
    public virtual IReadOnlyList<(string Line, string Meaning)> Examples => [];

    /// <summary>Whether a network can do it; by default every network of the system.</summary>
    /// <param name="network">What the network says of itself.</param>
    public virtual bool Fits(IReadOnlyList<Capability> network) => true;

    /// <summary>Loads what it needs.</summary>
    /// <exception cref="UsageException">The network cannot do it.</exception>
    /// <exception cref="IOException">The weights cannot be read.</exception>
    public abstract Session OpenSession(OpenRequest request);

    /// <summary>The input that a path, or a text, stands for.</summary>
    public abstract IInput InputOf(string given);
}

/// <summary>What a system does with a person's own files.</summary>
/// <typeparam name="TInput">What goes in.</typeparam>
/// <typeparam name="TAnswer">What comes out.</typeparam>
/// <typeparam name="TSettings">What can be set for each question.</typeparam>
public abstract class Ability<TInput, TAnswer, TSettings> : Ability
    where TInput : IInput<TInput>
    where TAnswer : IAnswer
    where TSettings : class, ISettings<TSettings>, new()
{
    /// <inheritdoc/>
    public sealed override InputKind Input => TInput.Kind;

    /// <inheritdoc/>
    public sealed override SettingsSchema Settings => TSettings.Schema;

    /// <inheritdoc/>
    public sealed override Session OpenSession(OpenRequest request) => Open(request);

    /// <inheritdoc/>
    public sealed override IInput InputOf(string given) => TInput.Of(given);

    /// <summary>Loads what it needs.</summary>
    /// <exception cref="UsageException">The network cannot do it.</exception>
    public abstract Session<TInput, TAnswer, TSettings> Open(OpenRequest request);
}
