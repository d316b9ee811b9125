using Sconce.Torch;

namespace Sconce.Training;

/// <summary>
/// One step of a run, as a <see cref="TrainingProgram{TBatch}"/> makes it. Where several batches make one step, the program is asked once
/// for each, and its updates add up their gradients until the last.
/// </summary>
public sealed class TrainingStep
{
    private readonly IReadOnlyList<PlayerState> players;
    private readonly Func<Func<Tensor>, Tensor> precision;
    private readonly List<PlayerUpdate> updates = [];
    private readonly OrderedDictionary<string, (double Sum, int Count)> reports = [];
    private readonly int batches;
    private Func<string, Exception> fault = what => new TrainingException(what);
    private int batch = -1;
    private int place;
    private (double Sum, int Count) loss;

    internal TrainingStep(IReadOnlyList<PlayerState> players, int batches, Func<Func<Tensor>, Tensor>? precision = null)
    {
        (this.players, this.batches) = (players, batches);
        this.precision = precision ?? (forward => forward());
    }

    /// <summary>Steps done before this one.</summary>
    public long Number { get; internal init; }

    /// <summary>Its epoch, from 0.</summary>
    public int Epoch { get; internal init; }

    /// <summary>Steps of the whole run.</summary>
    public long Total { get; internal init; } = 1;

    /// <summary>Whether this is the last of the step's batches: now each update takes its step.</summary>
    public bool IsLastBatch => batch == batches - 1;

    /// <summary>
    /// The figure that progress and log show as the loss, the mean over the step's batches. Set by the program, or else the loss of the
    /// step's first update; NaN where there is none.
    /// </summary>
    public double Loss
    {
        get => loss.Count > 0 ? loss.Sum / loss.Count : updates.Count > 0 ? updates[0].Loss / batches : double.NaN;
        set => loss = (loss.Sum + value, loss.Count + 1);
    }

    /// <summary>The rate of the step's first update, else of the first player.</summary>
    internal double Rate => updates.Count > 0 ? updates[0].Rate : players[0].Schedule.At(Number);

    /// <summary>The norm of the first update's gradients before clipping; NaN before it was taken.</summary>
    internal double GradientNorm => updates.Count > 0 ? updates[0].Norm : double.NaN;

    /// <summary>Whether the run's losses are looked at without learning: updates only run their forward passes, outside the tape.</summary>
    internal bool IsDry { get; init; }

    /// <summary>Whether something that happens at intervals is due: a penalty that is taken lazily, say.</summary>
    /// <param name="interval">In steps, at least 1; the first step is one.</param>
    public bool IsDue(int interval) => Number % interval == 0;

    /// <summary>
    /// Makes a player's step on a loss: zero gradients, lower precision where the run asks for it, the gradients of this player's
    /// parameters alone, the check for numbers that are none, clipping, the step at the rate of the schedule; the average follows when the
    /// step is over. Where several batches make a step, the gradients of each are added up.
    /// </summary>
    /// <param name="player">One of the program's.</param>
    /// <param name="forward">The mean loss of the batch, a tensor without dimensions on the tape. It may differentiate (R1, path lengths)
    /// by itself.</param>
    /// <returns>The loss, or NaN where the player does not take part in this step.</returns>
    /// <exception cref="TrainingException">The loss or a gradient is no number.</exception>
    public double Update(Player player, Func<Tensor> forward) => Update(player, passes => passes.Add(forward));

    /// <summary>
    /// The same with several passes into one step, so that only one pass's activations are held at a time. The loss is the sum of theirs;
    /// without passes there is no step.
    /// </summary>
    /// <param name="player">One of the program's.</param>
    /// <param name="several">Adds each pass.</param>
    public double Update(Player player, Action<UpdatePasses> several)
    {
        var state = players.FirstOrDefault(known => known.Player == player)
            ?? throw new ArgumentException($"'{player.Name}' is none of the program's players: "
                + $"{string.Join(", ", players.Select(known => known.Player.Name))}", nameof(player));
        if (IsDry) return Look(several);
        if (!IsDue(player.Every)) return double.NaN;
        var update = At(place++, state);
        using var scope = new TensorScope();
        var passes = new UpdatePasses(precision, 1.0 / batches,
            what => fault(players.Count > 1 ? $"{player.Name}: {what}" : what), learns: true);
        update.Begin(Number, isFirst: batch == 0);
        using (state.AloneOnTape()) several(passes);
        update.Add(passes.Loss, passes.Count);
        if (!IsLastBatch) update.PutAside();
        else if (update.Passes > 0 && update.Finish() is var norm && !double.IsFinite(norm))
            throw fault($"{(players.Count > 1 ? $"{player.Name}: " : "")}the loss is {update.Loss / batches:G5}, but the gradients' "
                + $"norm is {norm}");
        return passes.Count > 0 ? passes.Loss : double.NaN;
    }

    /// <summary>
    /// Lets a player begin anew from the weights that it has now: its optimiser forgets, its average is theirs. Before its first update of
    /// the step.
    /// </summary>
    /// <param name="player">One of the program's.</param>
    public void Restart(Player player)
    {
        var state = players.First(known => known.Player == player);
        state.Optimizer.Restart();
        state.Average?.Restart();
    }

    /// <summary>
    /// Logs a figure of this step under a name, the mean over the step's batches: <c>d_real</c>, a penalty, a probability that adapts.
    /// </summary>
    /// <param name="name">In the log, and as TensorBoard's <c>train/name</c>.</param>
    /// <param name="value">NaN is logged as null.</param>
    public void Report(string name, double value)
    {
        var (sum, count) = reports.GetValueOrDefault(name);
        reports[name] = (sum + value, count + 1);
    }

    /// <summary>The figures that were reported, and each player's loss where there are several.</summary>
    internal IReadOnlyDictionary<string, double> Figures()
    {
        var figures = new OrderedDictionary<string, double>();
        if (players.Count > 1)
        {
            foreach (var update in updates.Where(update => update.Passes > 0))
                figures.TryAdd($"{update.Player.Player.Name}_loss", update.Loss / batches);
        }

        foreach (var (name, report) in reports) figures[name] = report.Sum / report.Count;
        return figures;
    }

    /// <summary>The next batch.</summary>
    /// <param name="whatIsWrong">Makes an error of what is wrong with numbers.</param>
    internal void NextBatch(Func<string, Exception> whatIsWrong)
    {
        (fault, place) = (whatIsWrong, 0);
        batch++;
    }

    /// <summary>Ends the step: averages follow.</summary>
    internal void End()
    {
        foreach (var state in updates.Where(update => update.Passes > 0).Select(update => update.Player).Distinct())
        {
            if (state.Average is { } average && state.Player.Average.Kind == Averaging.Exponential) average.Update();
        }
    }

    private PlayerUpdate At(int index, PlayerState state)
    {
        if (index == updates.Count) updates.Add(new PlayerUpdate(state));
        if (updates[index].Player == state) return updates[index];
        throw new InvalidOperationException($"update {index + 1} of a step is {state.Player.Name}'s for one batch and "
            + $"{updates[index].Player.Player.Name}'s for another: the batches of one step need the same updates in the same order");
    }

    private double Look(Action<UpdatePasses> several)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var passes = new UpdatePasses(precision, 1, what => fault(what), learns: false);
        several(passes);
        Loss = passes.Loss;
        return passes.Loss;
    }
}
