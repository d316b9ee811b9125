namespace Sconce.Metrics;

/// <summary>One answer of a classifier.</summary>
/// <param name="Label">The true class.</param>
/// <param name="Answer">The likeliest class by the network.</param>
/// <param name="Confidence">The probability of the answer, in [0, 1]; NaN where the network gave none.</param>
/// <param name="LabelProbability">The probability of the true class, in [0, 1].</param>
public readonly record struct ClassifierAnswer(int Label, int Answer, double Confidence, double LabelProbability)
{
    /// <summary>Whether it is right.</summary>
    public bool IsRight => Label == Answer;

    /// <summary>The probability of class 1 of two.</summary>
    public double Score => Label == 1 ? LabelProbability : 1 - LabelProbability;
}
