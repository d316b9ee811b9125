using Sconce.Adversarial;

namespace Sconce.Training;

/// <summary>What is left open of a game, and the rules that settings stand for.</summary>
internal static class AdversarialDefaults
{
    private const int Shown = 1000;

    /// <summary>Settings with nothing open.</summary>
    /// <param name="given">As they were asked.</param>
    /// <param name="augment">The method's own augmentation.</param>
    /// <param name="hasStyles">Whether the generator has styles.</param>
    /// <param name="pictures">How many there are to learn from.</param>
    public static IAdversarialSettings Settle(IAdversarialSettings given, string augment, bool hasStyles, int pictures)
    {
        var game = given.Game;
        if (game is { AugmentShare: < 1, AdaptTo: { } follows })
        {
            throw new SettingsException("augmentShare", called =>
                $"{called} {game.AugmentShare}: the chance follows the discriminator already, by {follows}; leave one of the two out");
        }

        var optimization = given.Optimization;
        double rate = optimization.LearningRate ?? (hasStyles ? 2e-3 : 2e-4);
        var settled = given.With(game with
        {
            Augment = PolicyOf(game.Augment ?? augment) is { Words.Count: > 0 } policy ? policy.ToString() : "none",
            R1 = game.R1 ?? (hasStyles ? 10 : 0),
            PathLength = game.PathLength ?? (hasStyles ? 2 : 0),
            Beta1 = game.Beta1 ?? (hasStyles ? 0 : 0.5),
            Beta2 = game.Beta2 ?? (hasStyles ? 0.99 : 0.999),
            Passes = game.Passes ?? Math.Max(1, Shown / pictures),
            Features = game.Features is { } file ? Path.GetFullPath(file) : null,
        });
        return (IAdversarialSettings)settled.With(settled.Run, optimization with
        {
            LearningRate = rate,
            WeightDecay = optimization.WeightDecay ?? 0,
            WarmUpEpochs = optimization.WarmUpEpochs ?? 0,
        });
    }

    /// <summary>The rules of settled settings.</summary>
    public static AdversarialRules RulesOf(AdversarialSettings game, int latent) => new(latent)
    {
        Loss = game.Loss switch
        {
            AdversarialLoss.Hinge => GanLoss.Hinge,
            AdversarialLoss.LeastSquares => GanLoss.LeastSquares,
            _ => GanLoss.NonSaturating,
        },
        Policy = PolicyOf(game.Augment!) with { Probability = game.AugmentShare },
        Adaptive = game.AdaptTo is { } target ? new AdaptiveProbability { Target = target, Examples = game.AdaptOver } : null,
        GeneratorEvery = game.GeneratorEvery,
        R1 = game.R1!.Value,
        R1Every = game.R1Every,
        PathLength = game.PathLength!.Value,
        PathEvery = game.PathEvery,
        StyleMixing = game.StyleMixing,
    };

    private static DiffAugmentPolicy PolicyOf(string augment)
    {
        if (augment == "none") return DiffAugmentPolicy.None;
        try
        {
            return DiffAugmentPolicy.Parse(augment);
        }
        catch (FormatException fault)
        {
            throw new SettingsException("augment", called => $"{called} {augment}: {fault.Message}");
        }
    }
}
