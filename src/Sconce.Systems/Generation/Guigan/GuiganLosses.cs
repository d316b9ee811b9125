using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>What GUIGAN's networks minimise. GUIGAN code/GUIGAN_main.py, code/StyleEmbedding/network.py.</summary>
public static class GuiganLosses
{
    // Officially it stands under the root alone: pairs of one app are judged by the square without it.
    private const double UnderRoot = 1e-10;

    /// <summary>
    /// Policy gradient: <c>−Σ log p(token) · reward</c>, summed over all tokens, not averaged. 1609.05473 equation 6.
    /// </summary>
    /// <param name="logProbabilities"><c>(tokens, vocabulary)</c>, of the generator.</param>
    /// <param name="tokens"><c>(tokens)</c>, as they were written.</param>
    /// <param name="rewards"><c>(tokens)</c>; no gradient reaches them.</param>
    public static Tensor PolicyGradient(Tensor logProbabilities, Tensor tokens, Tensor rewards)
    {
        using var scope = new TensorScope();
        var written = logProbabilities.Gather(1, tokens.Reshape([-1, 1])).Squeeze(1);
        return scope.Keep(-(written * rewards.Reshape([-1]).Detach()).Sum());
    }

    /// <summary>
    /// Rewards that say what style and structure are worth, token by token, less their mean over the batch: what the paper intends. In the
    /// released code neither reaches the generator.
    /// </summary>
    /// <param name="rewards"><c>(N, L)</c>, of the roll-outs.</param>
    /// <param name="style"><c>(N)</c>, higher for screens of one style.</param>
    /// <param name="structure"><c>(N)</c>, higher for screens built as real ones are.</param>
    /// <param name="styleWeight">What style counts.</param>
    /// <param name="structureWeight">What structure counts.</param>
    /// <returns><c>(N, L)</c>, of mean 0 at every place.</returns>
    public static Tensor Shaped(Tensor rewards, Tensor style, Tensor structure, double styleWeight = 1, double structureWeight = 1)
    {
        using var scope = new TensorScope();
        var whole = (style * styleWeight) + (structure * structureWeight);
        var shaped = rewards + whole.Unsqueeze(1);
        return scope.Keep((shaped - shaped.Mean([0], keepdim: true)).Detach());
    }

    /// <summary>
    /// Pictures of one app are drawn together, others pushed a margin apart; 2101.09978 equation 2. Half the mean over the pairs.
    /// </summary>
    /// <param name="first"><c>(N, d)</c></param>
    /// <param name="second"><c>(N, d)</c></param>
    /// <param name="same"><c>(N)</c>: 1 for one app, 0 for two.</param>
    /// <param name="margin">How far apart suffices.</param>
    public static Tensor Contrastive(Tensor first, Tensor second, Tensor same, double margin = 1)
    {
        using var scope = new TensorScope();
        var square = (first - second).Square().Sum([1]);
        var missing = (margin - (square + UnderRoot).Sqrt()).ClampMin(0.0);
        var terms = (same * square) + ((1 - same) * missing.Square());
        return scope.Keep(terms.Sum() / (2 * first.Size(0)));
    }
}

/// <summary>
/// Weighs policy gradient, style and structure by learnt coefficients: <c>Σ exp(−cₖ) lossₖ² + cₖ</c>. 2101.09978 §III-D after 1705.07115;
/// GUIGAN_main.py <c>GANLoss3</c>. Style and structure are plain numbers there, so that they move their coefficients alone.
/// </summary>
/// <param name="initial">Where the coefficients begin.</param>
public sealed partial class WeighedLosses(double initial = 1.55) : Module<Tensor, Tensor, Tensor, Tensor>
{
    /// <summary>Of the policy gradient, <c>(1)</c>.</summary>
    public Parameter Cf1 { get; } = Parameter.Full(initial, 1);

    /// <summary>Of style, <c>(1)</c>.</summary>
    public Parameter Cf2 { get; } = Parameter.Full(initial, 1);

    /// <summary>Of structure, <c>(1)</c>.</summary>
    public Parameter Cf3 { get; } = Parameter.Full(initial, 1);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor policy, Tensor style, Tensor structure) =>
        (Term(Cf1, policy) + Term(Cf2, style) + Term(Cf3, structure)).Sum();

    private static Tensor Term(Tensor coefficient, Tensor loss) => ((-coefficient).Exp() * loss.Reshape([1]).Square()) + coefficient;
}
