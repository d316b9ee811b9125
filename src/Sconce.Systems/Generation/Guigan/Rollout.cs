using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>
/// Rewards tokens by completing their beginnings many times and asking the discriminator: 1609.05473 §3.1, equation 4; GUIGAN
/// code/reward.py. A copy of the generator completes, which follows it slowly.
/// </summary>
public sealed class Rollout : IDisposable
{
    private const int Real = 1;
    private readonly SubtreeGenerator generator, copy;
    private readonly double kept;

    /// <summary>Copies the generator.</summary>
    /// <param name="generator">Whose tokens are rewarded.</param>
    /// <param name="kept">What the copy keeps of itself in an update.</param>
    public Rollout(SubtreeGenerator generator, double kept = 0.8)
    {
        (this.generator, this.kept) = (generator, kept);
        using (Init.Skipped())
        {
            copy = new SubtreeGenerator(generator.Vocabulary, (int)generator.Emb.Weight.Size(1), generator.Lstm.Hidden);
        }

        copy.To(generator.Emb.Weight.Device);
        copy.To(generator.Emb.Weight.DType);
        copy.RequireGrad(false);
        Blend((own, other) => own.CopyInPlace(other));
    }

    /// <summary>The copy that completes.</summary>
    public SubtreeGenerator Copy => copy;

    /// <summary>
    /// The mean log-probability of being real that each token leads to, itself among what is fixed; the last one's is the finished
    /// screen's. Its exponential is the reward: a geometric mean, in (0, 1).
    /// </summary>
    /// <param name="screens">Tokens <c>(N, L)</c>.</param>
    /// <param name="rollouts">Completions of each beginning.</param>
    /// <param name="discriminator">To log-probabilities <c>(N, 2)</c>; class 1 is real.</param>
    /// <param name="draw">See <see cref="SubtreeGenerator.Sample"/>: beginnings of 1, 2 … tokens, then the next roll-out.</param>
    /// <returns><c>(N, L)</c>, not positive.</returns>
    public Tensor LogRewards(Tensor screens, int rollouts, Func<Tensor, Tensor> discriminator, Func<Tensor, Tensor>? draw = null)
    {
        if (rollouts < 1) throw new ArgumentOutOfRangeException(nameof(rollouts), rollouts, "GUIGAN: a reward needs one roll-out at least");
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int length = (int)screens.Size(1);
        var sums = Enumerable.Repeat((Tensor?)null, length - 1).ToArray();
        for (int k = 0; k < rollouts; k++)
        {
            for (int l = 1; l < length; l++)
            {
                var score = discriminator(copy.Complete(screens[.., ..l], length, draw))[.., Real];
                sums[l - 1] = sums[l - 1] is { } sum ? sum + score : score;
            }
        }

        var whole = discriminator(screens)[.., Real];
        return scope.Keep(Tensor.Stack([.. sums.Select(sum => sum! / rollouts), whole], 1));
    }

    /// <summary>Moves the copy towards the generator; vectors of tokens are taken over whole.</summary>
    public void Update() => Blend((own, other) =>
    {
        if (ReferenceEquals(own, copy.Emb.Weight)) own.CopyInPlace(other);
        else own.MulInPlace(kept).AddInPlace(other, 1 - kept);
    });

    /// <summary>Frees the copy.</summary>
    public void Dispose() => copy.Dispose();

    private void Blend(Action<Tensor, Tensor> blend)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        foreach (var (own, other) in copy.Parameters().Zip(generator.Parameters())) blend(own, other);
    }
}
