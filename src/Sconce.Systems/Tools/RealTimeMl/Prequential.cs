namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>
/// The error of a learner that is asked before it is told: of all answers alike, and of recent ones, where an answer counts
/// <paramref name="fading"/> times as much as the next. Gama, Sebastião, Rodrigues 2013.
/// </summary>
/// <param name="fading">In (0, 1].</param>
public sealed class Prequential(double fading = 0.99)
{
    private double sum, fadedSum, fadedCount;

    /// <summary>Answers so far.</summary>
    public long Count { get; private set; }

    /// <summary>The mean loss of all answers; 0 of none.</summary>
    public double Mean => Count > 0 ? sum / Count : 0;

    /// <summary>The mean loss of recent answers; 0 of none.</summary>
    public double Recent => Count > 0 ? fadedSum / fadedCount : 0;

    /// <summary>All that it knows, for a file.</summary>
    internal double[] Numbers
    {
        get => [Count, sum, fadedSum, fadedCount];
        set => (Count, sum, fadedSum, fadedCount) = ((long)value[0], value[1], value[2], value[3]);
    }

    /// <summary>Takes an answer's loss.</summary>
    public void Add(double loss)
    {
        Count++;
        sum += loss;
        fadedSum = loss + (fading * fadedSum);
        fadedCount = 1 + (fading * fadedCount);
    }
}
