using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Adversarial;

/// <summary>
/// Makes equal steps in a generator's latents change its pictures equally: the length of the latents' Jacobian, along a random picture, is
/// held near its own moving mean. 1912.04958 §3.2; rosinality/stylegan2-pytorch@bef283a1 train.py <c>g_path_regularize</c>.
/// </summary>
public sealed class PathLengthRegularization
{
    /// <summary>The share of new lengths in their mean.</summary>
    public double Decay { get; init; } = 0.01;

    /// <summary>The moving mean of the lengths; 0 before the first.</summary>
    public double Mean { get; private set; }

    /// <summary>The penalty of a batch, on the tape for a second derivative; the mean moves.</summary>
    /// <param name="pictures">What the generator painted, <c>(N, C, H, W)</c>.</param>
    /// <param name="latents">From what, <c>(N, layers, style)</c>, on the tape.</param>
    /// <param name="directions">Normal numbers of the pictures' shape; fresh ones where left out.</param>
    /// <returns>The penalty <c>()</c> and the lengths <c>(N)</c>, which are off the tape.</returns>
    public (Tensor Penalty, Tensor Lengths) Compute(Tensor pictures, Tensor latents, Tensor? directions = null)
    {
        using var scope = new TensorScope();
        var before = Tensor.Full([], Mean, pictures.DType, device: pictures.Device);
        var (penalty, mean, lengths) = Penalty(pictures, latents, before, Decay, directions);
        Mean = mean.Item<double>();
        return scope.Keep((penalty, lengths));
    }

    /// <summary>The penalty about a given mean.</summary>
    /// <param name="pictures">What the generator painted, <c>(N, C, H, W)</c>.</param>
    /// <param name="latents">From what, <c>(N, layers, style)</c>, on the tape.</param>
    /// <param name="mean">
    /// The mean of the lengths so far <c>()</c>; new ones move it before the penalty is taken, on the tape, as officially.
    /// </param>
    /// <param name="decay">By what share.</param>
    /// <param name="directions">Normal numbers of the pictures' shape; fresh ones where left out.</param>
    /// <returns>The penalty <c>()</c>; off the tape the moved mean <c>()</c> and the lengths <c>(N)</c>.</returns>
    /// <exception cref="ArgumentException">The latents are not on the tape.</exception>
    public static (Tensor Penalty, Tensor Mean, Tensor Lengths) Penalty(
        Tensor pictures, Tensor latents, Tensor mean, double decay = 0.01, Tensor? directions = null)
    {
        if (!latents.RequiresGrad)
        {
            throw new ArgumentException(
                "path length: the latents are not on the tape; ask for their gradient before pictures are painted", nameof(latents));
        }

        using var scope = new TensorScope();
        var noise = (directions ?? pictures.RandnLike()) / Math.Sqrt(pictures.Size(2) * pictures.Size(3));
        var jacobian = Gradients.Of([(pictures * noise).Sum()], [latents], createGraph: true)[0];
        var lengths = jacobian.Square().Sum([2]).Mean([1]).Sqrt();
        var moved = mean + ((lengths.Mean() - mean) * decay);
        return scope.Keep(((lengths - moved).Square().Mean(), moved.Detach(), lengths.Detach()));
    }

    /// <summary>What a checkpoint needs.</summary>
    public TrainingState State() => new(new Dictionary<string, Tensor>(), new Dictionary<string, double> { ["mean"] = Mean });

    /// <summary>Takes over a state.</summary>
    /// <exception cref="ArgumentException">It is another's.</exception>
    public void Load(TrainingState state)
    {
        state.Verify(nameof(PathLengthRegularization), new Dictionary<string, Tensor?>(), ["mean"]);
        Mean = state.Numbers["mean"];
    }
}
