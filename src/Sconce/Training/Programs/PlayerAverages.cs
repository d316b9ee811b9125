namespace Sconce.Training;

/// <summary>The averages of the players' weights, together.</summary>
internal sealed class PlayerAverages(IReadOnlyList<PlayerState> players)
{
    /// <summary>Whether a player averages its weights over epochs: such a run is evaluated at its end alone.</summary>
    public bool HasStochastic => players.Any(player => player.Player.Average.Kind == Averaging.Stochastic);

    /// <summary>Whether such an average has taken any weights.</summary>
    public bool HasStochasticUpdates =>
        players.Any(player => player is { Player.Average.Kind: Averaging.Stochastic, Average.Updates: > 0 });

    /// <summary>Lets the averages over epochs take the weights of one, where they have begun.</summary>
    /// <param name="done">Epochs done.</param>
    /// <param name="epochs">Of the whole run: an average begins after three quarters of them, where its player does not say when.</param>
    public void TakeEpoch(int done, int epochs)
    {
        foreach (var player in players.Where(player => player.Player.Average.Kind == Averaging.Stochastic))
        {
            if (done > (player.Player.Average.From ?? epochs * 3 / 4)) player.Average!.Update();
        }
    }

    /// <summary>Puts them into their networks until the result is disposed; nothing where there are none.</summary>
    public AppliedAverages Applied() =>
        new([.. players.Where(player => player.Average is { } average
            && (average.Updates > 0 || player.Player.Average.Kind == Averaging.Exponential)).Select(player => player.Average!.Applied())]);
}

/// <summary>Averages that are in their networks; disposing takes them out.</summary>
internal sealed class AppliedAverages(IReadOnlyList<IDisposable> applied) : IDisposable
{
    public void Dispose()
    {
        for (int k = applied.Count - 1; k >= 0; k--) applied[k].Dispose();
    }
}
