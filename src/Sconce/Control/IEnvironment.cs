namespace Sconce.Control;

/// <summary>What an action came to.</summary>
/// <param name="Reward">Of the step.</param>
/// <param name="Ends">Whether nothing can follow, so that the future is worth nothing.</param>
/// <param name="Stops">Whether the episode is over, at its end or for want of time.</param>
public readonly record struct StepResult(double Reward, bool Ends, bool Stops);

/// <summary>A world that an agent acts in, step by step. One serves one thread.</summary>
public interface IEnvironment
{
    /// <summary>Numbers of an observation.</summary>
    int Observations { get; }

    /// <summary>How many actions there are: 0 to this - 1.</summary>
    int Actions { get; }

    /// <summary>Begins an episode; the same seed gives the same world.</summary>
    void Reset(int seed);

    /// <summary>What the agent sees now, into <paramref name="into"/> of <see cref="Observations"/> numbers.</summary>
    void Observe(Span<float> into);

    /// <summary>Acts.</summary>
    /// <param name="action">0 to <see cref="Actions"/> - 1.</param>
    StepResult Step(int action);
}
