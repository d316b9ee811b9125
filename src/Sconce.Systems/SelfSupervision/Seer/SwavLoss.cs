using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>
/// The swapped prediction: the code of one view is predicted from every other; 2006.09882 equations 1 and 2, facebookresearch/swav@06b1b7c
/// main_swav.py, facebookresearch/vissl@09270ed vissl/losses/swav_loss.py.
/// </summary>
public sealed record SwavLoss
{
    /// <summary>The crops whose codes are predicted; the full-size ones.</summary>
    public IReadOnlyList<int> CropsForAssign { get; init; } = [0, 1];

    /// <summary>The smoothing of the codes.</summary>
    public double Epsilon { get; init; } = 0.05;

    /// <summary>Rounds of <see cref="Sinkhorn"/>.</summary>
    public int Iterations { get; init; } = 3;

    /// <summary>What the scores of predictions are divided by.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>Whether codes are made hard.</summary>
    public bool HardCodes { get; init; }

    /// <summary>SEER's: ten rounds (facebookresearch/vissl, the released runs' names).</summary>
    public static SwavLoss Seer { get; } = new() { Iterations = 10 };

    /// <summary>The loss of a batch's crops; no gradient through the codes. <c>(crops·B, K) -> ()</c></summary>
    /// <param name="scores">Row crop·B + sample, as <see cref="SwavNetwork.Crops"/> gives them.</param>
    /// <param name="crops">Crops of each sample, at least 2.</param>
    /// <param name="queued">Scores of remembered samples <c>(L, K)</c> that join the code of that place of <see cref="CropsForAssign"/>;
    /// null for none.</param>
    /// <exception cref="ArgumentException">The rows do not divide into crops, or a code is asked of a crop that is not there.</exception>
    public Tensor Compute(Tensor scores, int crops, Func<int, Tensor?>? queued = null)
    {
        if (scores.Dimensions != 2 || crops < 2 || scores.Size(0) % crops != 0)
        {
            throw new ArgumentException($"SwAV's loss: scores [{string.Join(", ", scores.Shape.ToArray())}] are no {crops} crops of a "
                + $"batch: (crops · samples, prototypes) are wanted, and 2 crops at least", nameof(scores));
        }

        if (CropsForAssign.Count == 0 || CropsForAssign.Any(crop => crop < 0 || crop >= crops))
        {
            throw new ArgumentException($"SwAV's loss: codes of the crops {string.Join(", ", CropsForAssign)} are asked for, and there are "
                + $"crops 0 to {crops - 1}", nameof(crops));
        }

        using var scope = new TensorScope();
        long batch = scores.Size(0) / crops;
        var views = scores.Reshape([crops, batch, -1]); // (V, B, K)
        var predictions = (views / Temperature).LogSoftmax(2);
        var all = predictions.Sum([0]); // (B, K)
        Tensor? total = null;
        for (int place = 0; place < CropsForAssign.Count; place++)
        {
            int crop = CropsForAssign[place];
            var codes = Codes(views.Select(0, crop), queued?.Invoke(place));
            var term = -(codes * (all - predictions.Select(0, crop))).Sum() / (batch * (crops - 1));
            total = total is null ? term : total + term;
        }

        return scope.Keep(total! / CropsForAssign.Count);
    }

    /// <summary>The codes of a batch, with the help of remembered samples where there are some. <c>(B, K), (L, K) -> (B, K)</c></summary>
    public Tensor Codes(Tensor scores, Tensor? remembered = null)
    {
        using var scope = new TensorScope();
        if (remembered is null) return scope.Keep(Sinkhorn.Assign(scores, Epsilon, Iterations, HardCodes));
        var joined = Tensor.Cat([remembered.Detach(), scores.Detach()], 0); // the batch's rows come last
        return scope.Keep(Sinkhorn.Assign(joined, Epsilon, Iterations, HardCodes)[TensorIndex.Slice(remembered.Size(0), joined.Size(0))]);
    }
}
