using Sconce.Data;
using Sconce.Maths;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>APHYNITY's step: the fit of stretches, and the correction's size at the data's states. 2010.04456 algorithm 1.</summary>
/// <param name="network">Who learns.</param>
/// <param name="player">Over the network.</param>
/// <param name="windows">The stretches, <c>(N, 2, length)</c>.</param>
/// <param name="settings">Interval, growth, and whether the correction is held small.</param>
internal sealed class AphynityProgram(Forecaster network, Player player, Tensor windows, AphynitySettings settings)
    : LossProgram<RowBatch>(player)
{
    private const int Inner = 5; // steps between two growths of the multiplier
    private readonly AphynityLoss loss = new(1, settings.Growth, CorrectionNorm.Relative);
    private readonly ThreeEighthsSolver solver = new();
    private readonly double[] times = PendulumTrajectories.Times((int)windows.Size(2), settings.Interval!.Value);
    private double last;

    /// <inheritdoc/>
    public override string Items => "stretches";

    /// <inheritdoc/>
    public override int Count(RowBatch batch) => batch.Rows.Length;

    /// <inheritdoc/>
    public override Tensor Loss(RowBatch batch)
    {
        var states = windows.IndexSelect(0, Tensor.From(batch.Rows));
        var trajectories = AphynityLoss.Trajectories(network.Forecast(states.Select(2, 0), times, solver), states);
        last = trajectories.Item<double>();
        return settings.LeastCorrection ? loss.Total(trajectories, network.Corrected(states), states) : trajectories;
    }

    /// <inheritdoc/>
    public override void Save(SavedState state) => state.Set("lambda", loss.Lambda);

    /// <inheritdoc/>
    public override void Load(SavedState state) => loss.Lambda = state.Number("lambda");

    /// <inheritdoc/>
    protected override void Stepped(long step)
    {
        if (step % Inner == 0) loss.Grow(last);
    }
}
