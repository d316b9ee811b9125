using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Training;

// Who learns, as a configuration says.
public static partial class ConfiguredParts
{
    /// <summary>Who learns, with clipping and average as configured.</summary>
    /// <param name="name">The player's.</param>
    /// <param name="network">Whose weights.</param>
    /// <param name="optimizer">Of its parameters.</param>
    /// <param name="configuration">Settled.</param>
    /// <param name="schedule">The rate of each step.</param>
    public static Player Player(string name, Module network, Optimizer optimizer, RunConfiguration configuration,
        LearningRateSchedule schedule) => new(name, network, optimizer, schedule)
        {
            ClipNorm = configuration.Optimization.ClipNorm,
            AdaptiveClipping = configuration.Optimization.AdaptiveClipping,
            Average = configuration.Optimization.Averaging switch
            {
                Averaging.Exponential => WeightAveraging.Exponential(configuration.Optimization.AverageDecay),
                Averaging.Stochastic => WeightAveraging.Stochastic(),
                _ => WeightAveraging.None,
            },
        };

    /// <summary>The same by the configured schedule.</summary>
    /// <param name="name">The player's.</param>
    /// <param name="network">Whose weights.</param>
    /// <param name="optimizer">Of its parameters.</param>
    /// <param name="configuration">Settled.</param>
    /// <param name="batchesPerEpoch">Batches, not steps.</param>
    public static Player Player(string name, Module network, Optimizer optimizer, RunConfiguration configuration, int batchesPerEpoch) =>
        Player(name, network, optimizer, configuration, Schedule(configuration, StepsPerEpoch(configuration, batchesPerEpoch)));

    /// <summary>A player that learns by Adam with other moments than the usual, as adversarial ones do.</summary>
    /// <param name="name">The player's.</param>
    /// <param name="network">Whose weights.</param>
    /// <param name="configuration">Settled; its optimiser is Adam.</param>
    /// <param name="schedule">The rate of each step.</param>
    /// <param name="moments">What is kept of the mean gradient, and of the mean square.</param>
    /// <exception cref="SettingsException">Another optimiser is asked for, or everything is frozen.</exception>
    public static Player AdamPlayer(
        string name, Module network, RunConfiguration configuration, LearningRateSchedule schedule, (double First, double Second) moments)
    {
        if (configuration.Optimization.Optimizer != OptimizerKind.Adam)
            throw new SettingsException("optimizer", called => $"{called}: {configuration.Method} learns with adam alone");
        return Player(name, network, Optimizer(network, configuration, moments), configuration, schedule);
    }

    /// <summary>Who learns all of a network that is not frozen, in one group, by the configured optimiser.</summary>
    /// <param name="name">The player's, and the group's.</param>
    /// <param name="network">On its device.</param>
    /// <param name="configuration">Settled.</param>
    /// <param name="schedule">The rate of each step.</param>
    /// <exception cref="SettingsException">Everything is frozen.</exception>
    public static Player Learner(string name, Module network, RunConfiguration configuration, LearningRateSchedule schedule)
    {
        var learning = new ParameterGroup(network.Parameters().Where(parameter => parameter.RequiresGrad), name);
        return Learner(name, network, [learning], configuration, schedule);
    }

    /// <summary>The same of groups of its parameters; groups without any are left out.</summary>
    /// <param name="name">The player's.</param>
    /// <param name="network">On its device.</param>
    /// <param name="groups">Of its parameters.</param>
    /// <param name="configuration">Settled.</param>
    /// <param name="schedule">The rate of each step.</param>
    /// <exception cref="SettingsException">Everything is frozen.</exception>
    public static Player Learner(
        string name, Module network, IEnumerable<ParameterGroup> groups, RunConfiguration configuration, LearningRateSchedule schedule)
    {
        ParameterGroup[] learning = [.. groups.Where(group => group.Parameters.Count > 0)];
        if (learning.Length == 0) throw NothingToTrain();
        return Player(name, network, Optimizer(learning, configuration), configuration, schedule);
    }
}
