using Sconce.Torch;

namespace Sconce.Training;

/// <summary>One update of a step, over all of the step's batches.</summary>
internal sealed class PlayerUpdate(PlayerState player)
{
    private readonly List<(Tensor Parameter, Tensor Gradient)> aside = [];

    public PlayerState Player => player;

    /// <summary>The sum over batches so far.</summary>
    public double Loss { get; private set; }

    public int Passes { get; private set; }

    public double Rate { get; private set; } = double.NaN;

    public double Norm { get; private set; } = double.NaN;

    /// <summary>Before a batch's passes: no gradients, or those of the batches before.</summary>
    public void Begin(long step, bool isFirst)
    {
        if (isFirst) Rate = player.Schedule.Apply(player.Optimizer, step);
        player.Optimizer.ZeroGrad();
        foreach (var (parameter, gradient) in aside)
        {
            parameter.Grad = gradient;
            gradient.Dispose();
        }

        aside.Clear();
    }

    public void Add(double loss, int passes)
    {
        Loss += loss;
        Passes += passes;
    }

    /// <summary>Keeps the gradients until the step's next batch: another update of the player comes in between, maybe.</summary>
    public void PutAside()
    {
        using var scope = new TensorScope();
        foreach (var parameter in player.Optimizer.Groups.SelectMany(group => group.Parameters))
        {
            if (parameter.Grad is { } gradient) aside.Add((parameter, scope.KeepForever(gradient)));
        }

        player.Optimizer.ZeroGrad();
    }

    /// <summary>Clips and steps; the gradients' norm before, and where it is no number, no step.</summary>
    public double Finish()
    {
        Norm = player.Clip();
        if (!double.IsFinite(Norm)) return Norm;
        player.Optimizer.Step();
        player.Optimizer.ZeroGrad();
        return Norm;
    }
}
