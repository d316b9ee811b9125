using Sconce.Adversarial;

namespace Sconce.Training;

/// <summary>A game as a program plays it.</summary>
/// <param name="Latent">Numbers a picture is painted from.</param>
public sealed record AdversarialRules(int Latent)
{
    /// <summary>The losses.</summary>
    public GanLoss Loss { get; init; } = GanLoss.NonSaturating;

    /// <summary>What the discriminator sees of every picture, real or not.</summary>
    public DiffAugmentPolicy Policy { get; init; } = DiffAugmentPolicy.None;

    /// <summary>The probability of the policy follows the discriminator; null for always.</summary>
    public AdaptiveProbability? Adaptive { get; init; }

    /// <summary>Steps of the discriminator for each of the generator.</summary>
    public int GeneratorEvery { get; init; } = 1;

    /// <summary>γ of R1; 0 for none.</summary>
    public double R1 { get; init; }

    /// <summary>Steps between two.</summary>
    public int R1Every { get; init; } = 16;

    /// <summary>The weight of the path lengths' penalty; 0 for none.</summary>
    public double PathLength { get; init; }

    /// <summary>Steps between two.</summary>
    public int PathEvery { get; init; } = 4;

    /// <summary>The share of batches of two styles.</summary>
    public double StyleMixing { get; init; }
}
