using Sconce.Torch;

namespace Sconce.Adversarial;

/// <summary>
/// What a discriminator and a generator each minimise, as terms of single judgements: the discriminator's numbers, higher for what looks
/// real, of any shape. Means are taken by <see cref="OfDiscriminator"/> and <see cref="OfGenerator"/> alone, so that one-stage training has
/// the terms.
/// </summary>
public abstract class GanLoss
{
    /// <summary>1406.2661's minimax game: the generator maximises what the discriminator minimises.</summary>
    public static GanLoss Saturating { get; } = new SaturatingLoss();

    /// <summary>Logistic, with the generator that 1406.2661 §3 advises: it raises the chance that a fake is taken as real.</summary>
    public static GanLoss NonSaturating { get; } = new NonSaturatingLoss();

    /// <summary>Squared distances to the labels 0 and 1. 1611.04076.</summary>
    public static GanLoss LeastSquares { get; } = new LeastSquaresLoss();

    /// <summary>Hinge losses at ±1, and a linear generator. 1705.02894, 1802.05957.</summary>
    public static GanLoss Hinge { get; } = new HingeLoss();

    /// <summary>Differences of means; the discriminator needs a bound, such as clipped weights or a gradient penalty. 1701.07875.</summary>
    public static GanLoss Wasserstein { get; } = new WassersteinLoss();

    /// <summary>Whether the generator's loss is the negative of the discriminator's over fakes.</summary>
    public virtual bool Symmetric => false;

    /// <summary>The judgement above which an example is taken as real; null where only differences count.</summary>
    public virtual double? Boundary => 0;

    /// <summary>The discriminator's term of each real example.</summary>
    public abstract Tensor Real(Tensor judgements);

    /// <summary>The discriminator's term of each fake.</summary>
    public abstract Tensor Fake(Tensor judgements);

    /// <summary>The generator's term of each fake.</summary>
    public abstract Tensor Generator(Tensor judgements);

    /// <summary>The discriminator's loss: the mean over the real ones plus the mean over the fakes.</summary>
    public Tensor OfDiscriminator(Tensor real, Tensor fake)
    {
        using var scope = new TensorScope();
        return scope.Keep(Real(real).Mean() + Fake(fake).Mean());
    }

    /// <summary>The generator's loss: the mean over the fakes.</summary>
    public Tensor OfGenerator(Tensor fake)
    {
        using var scope = new TensorScope();
        return scope.Keep(Generator(fake).Mean());
    }

    private class NonSaturatingLoss : GanLoss
    {
        public override Tensor Real(Tensor judgements) => (-judgements).Softplus();

        public override Tensor Fake(Tensor judgements) => judgements.Softplus();

        public override Tensor Generator(Tensor judgements) => (-judgements).Softplus();
    }

    private sealed class SaturatingLoss : NonSaturatingLoss
    {
        public override bool Symmetric => true;

        public override Tensor Generator(Tensor judgements) => -judgements.Softplus();
    }

    private sealed class LeastSquaresLoss : GanLoss
    {
        public override double? Boundary => 0.5;

        public override Tensor Real(Tensor judgements) => (judgements - 1).Square();

        public override Tensor Fake(Tensor judgements) => judgements.Square();

        public override Tensor Generator(Tensor judgements) => (judgements - 1).Square();
    }

    private sealed class HingeLoss : GanLoss
    {
        public override Tensor Real(Tensor judgements) => (1 - judgements).Relu();

        public override Tensor Fake(Tensor judgements) => (judgements + 1).Relu();

        public override Tensor Generator(Tensor judgements) => -judgements;
    }

    private sealed class WassersteinLoss : GanLoss
    {
        public override bool Symmetric => true;

        public override double? Boundary => null;

        public override Tensor Real(Tensor judgements) => -judgements;

        public override Tensor Fake(Tensor judgements) => judgements * 1;

        public override Tensor Generator(Tensor judgements) => -judgements;
    }
}
