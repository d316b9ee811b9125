using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>A player at work: what the trainer keeps beside it.</summary>
internal sealed class PlayerState : IDisposable
{
    private readonly Tensor[] othersOnly;
    private readonly bool ownsOptimizer;

    private PlayerState(Player player, Optimizer optimizer, LearningRateSchedule schedule, WeightAverage? average,
        IEnumerable<Player> others, bool ownsOptimizer)
    {
        (Player, Optimizer, Schedule, Average, this.ownsOptimizer) = (player, optimizer, schedule, average, ownsOptimizer);
        var own = Parameters(player).ToHashSet<Tensor>(ReferenceEqualityComparer.Instance);
        var rest = others.SelectMany(Parameters).ToHashSet<Tensor>(ReferenceEqualityComparer.Instance);
        othersOnly = [.. rest.Where(parameter => !own.Contains(parameter))];
    }

    public Player Player { get; }

    public Optimizer Optimizer { get; }

    public LearningRateSchedule Schedule { get; }

    public WeightAverage? Average { get; }

    /// <summary>Players as they are trained.</summary>
    /// <exception cref="ArgumentException">There are none, or two of one name.</exception>
    public static PlayerState[] ForTraining(IReadOnlyList<Player> players)
    {
        if (players.Count == 0) throw new ArgumentException("the program has no players: nobody would learn", nameof(players));
        var twice = players.GroupBy(player => player.Name).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw new ArgumentException($"the program has two players named '{twice.Key}'", nameof(players));
        return [.. players.Select(player => new PlayerState(player, player.Optimizer, player.Schedule,
            player.Average.Create(player.Network), players.Where(other => other != player), false))];
    }

    /// <summary>Players whose losses are looked at without learning.</summary>
    public static PlayerState[] ForLooking(IReadOnlyList<Player> players) =>
        [.. players.Select(player => new PlayerState(player, player.Optimizer, player.Schedule, null, [], false))];

    /// <summary>Players that learn for a moment with optimisers that are forgotten: for checks.</summary>
    public static PlayerState[] ForCheck(IReadOnlyList<Player> players, Func<IEnumerable<Tensor>, Optimizer> optimizer, double rate) =>
        [.. players.Select(player => new PlayerState(player, optimizer(Parameters(player)), LearningRateSchedule.Constant(rate), null,
            players.Where(other => other != player), true))];

    /// <summary>
    /// Keeps the other players' parameters off the tape until the result is disposed, so that a loss that runs through them leaves no
    /// gradients there.
    /// </summary>
    public IDisposable AloneOnTape() => new Resting([.. othersOnly.Where(parameter => parameter.RequiresGrad)]);

    /// <summary>Clips as asked; the norm before.</summary>
    public double Clip()
    {
        using var scope = new TensorScope();
        var parameters = Optimizer.Groups.SelectMany(group => group.Parameters);
        double norm = GradientClipping.Norm(parameters).Item<double>();
        if (!double.IsFinite(norm)) return norm;
        if (Player.AdaptiveClipping is { } lambda) new AdaptiveGradientClipping(lambda).Clip(Optimizer);
        if (Player.ClipNorm is { } limit) GradientClipping.ByNorm(parameters, limit);
        return norm;
    }

    public void Dispose()
    {
        Optimizer.ZeroGrad();
        Average?.Dispose();
        if (ownsOptimizer) Optimizer.Dispose();
    }

    private static IEnumerable<Tensor> Parameters(Player player) => player.Optimizer.Groups.SelectMany(group => group.Parameters);

    private sealed class Resting : IDisposable
    {
        private readonly Tensor[] parameters;

        public Resting(Tensor[] parameters)
        {
            this.parameters = parameters;
            foreach (var parameter in parameters) parameter.RequiresGrad = false;
        }

        public void Dispose()
        {
            foreach (var parameter in parameters) parameter.RequiresGrad = true;
        }
    }
}
