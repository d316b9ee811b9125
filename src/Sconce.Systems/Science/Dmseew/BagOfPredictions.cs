namespace Sconce.Systems.Science.Dmseew;

/// <summary>
/// What reaches the centre of an event: for each type of sensor the share of its live sensors that predict each class. Only labels travel,
/// and sensors may be missing.
/// </summary>
/// <param name="types">Types of sensors; the paper's are seismometers and GPS stations.</param>
/// <param name="classes">Classes; the paper's are normal, medium, large.</param>
public sealed class BagOfPredictions(int types, int classes)
{
    /// <summary>Numbers of a bag: the shares of the first type, then of the next.</summary>
    public int Length => types * classes;

    /// <summary>The bag of one event. A type without live sensors gives zeros.</summary>
    /// <param name="predictions">The class that each sensor predicts; negative for a sensor that is silent.</param>
    /// <param name="sensors">The type of each sensor.</param>
    public double[] Of(ReadOnlySpan<int> predictions, ReadOnlySpan<int> sensors)
    {
        if (predictions.Length != sensors.Length)
        {
            throw new ArgumentException($"{predictions.Length} predictions of {sensors.Length} sensors: one each is wanted");
        }

        var bag = new double[Length];
        var live = new int[types];
        for (int k = 0; k < sensors.Length; k++)
        {
            if (predictions[k] < 0) continue;
            bag[(sensors[k] * classes) + predictions[k]]++;
            live[sensors[k]]++;
        }

        for (int k = 0; k < bag.Length; k++) bag[k] /= Math.Max(1, live[k / classes]);
        return bag;
    }

    /// <summary>The class with most votes, all sensors alike; the lower class where two have as many. A baseline.</summary>
    public int Majority(ReadOnlySpan<int> predictions) => Largest(Votes(predictions));

    /// <summary>How many sensors predict each class, all sensors alike.</summary>
    public int[] Votes(ReadOnlySpan<int> predictions)
    {
        var votes = new int[classes];
        foreach (int prediction in predictions)
        {
            if (prediction >= 0) votes[prediction]++;
        }

        return votes;
    }

    /// <summary>
    /// The rule of relative strength, the paper's other baseline: the largest class if the second type's sensors (GPS) say so, else what
    /// the first type's (seismometers) say, of the classes below.
    /// </summary>
    public int RelativeStrength(ReadOnlySpan<double> bag)
    {
        int gps = Largest(bag[classes..(2 * classes)]);
        return gps == classes - 1 ? gps : Math.Min(classes - 2, Largest(bag[..classes]));
    }

    private static int Largest<T>(ReadOnlySpan<T> values)
        where T : IComparable<T>
    {
        int best = 0;
        for (int k = 1; k < values.Length; k++)
        {
            if (values[k].CompareTo(values[best]) > 0) best = k;
        }

        return best;
    }

    private static int Largest(int[] values) => Largest<int>(values);
}
