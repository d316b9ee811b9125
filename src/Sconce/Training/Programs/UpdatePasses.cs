using System.Globalization;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>The passes whose gradients make one step of a player.</summary>
public sealed class UpdatePasses
{
    private readonly Func<Func<Tensor>, Tensor> precision;
    private readonly Func<string, Exception> fault;
    private readonly double share;
    private readonly bool learns;

    internal UpdatePasses(Func<Func<Tensor>, Tensor> precision, double share, Func<string, Exception> fault, bool learns) =>
        (this.precision, this.share, this.fault, this.learns) = (precision, share, fault, learns);

    /// <summary>The sum of the passes' losses so far.</summary>
    public double Loss { get; private set; }

    /// <summary>Passes so far.</summary>
    public int Count { get; private set; }

    /// <summary>Runs a forward pass, in lower precision where the run asks for it, and adds its gradients to the player's.</summary>
    /// <param name="forward">The loss, a tensor without dimensions on the tape.</param>
    /// <returns>The loss.</returns>
    /// <exception cref="TrainingException">The loss is no number.</exception>
    public double Add(Func<Tensor> forward)
    {
        var value = precision(forward);
        double number = value.Item<double>();
        if (!double.IsFinite(number)) throw fault(string.Create(CultureInfo.InvariantCulture, $"the loss is {number}"));
        if (learns) (share == 1 ? value : value * share).Backward();
        Loss += number;
        Count++;
        return number;
    }
}
