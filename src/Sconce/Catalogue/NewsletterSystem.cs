using Sconce.Claims;
using Sconce.Training;

namespace Sconce.Catalogue;

/// <summary>One system of the newsletter: its card, its networks, its claim, and how it answers on a person's own pictures or files.</summary>
public abstract class NewsletterSystem
{
    /// <summary>The entry in the catalogue.</summary>
    public abstract SystemCard Card { get; }

    /// <summary>The networks, under the names of their official weights; none for methods without one of their own.</summary>
    public virtual IReadOnlyList<ModelVariant> Variants => [];

    /// <summary>The paper's effect as an experiment; null for systems whose newsletter item claims none.</summary>
    public virtual Claim? Claim => null;

    /// <summary>The ways of training that it brings to <c>sconce train</c>; none for systems that are trained as plain classifiers, or not at all.</summary>
    public virtual IReadOnlyList<TrainingMethod> Methods => [];

    /// <summary>What <c>sconce predict</c> does with this system, by default what classifiers do; null where it has nothing to predict.</summary>
    public virtual Predictor? Predictor => ClassifierPredictor.Classifiers(this).Any() ? new ClassifierPredictor(this) : null;
}
