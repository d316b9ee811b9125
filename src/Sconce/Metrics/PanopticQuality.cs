using Sconce.Data;

namespace Sconce.Metrics;

/// <summary>How well pictures are cut into segments; each in [0, 1], NaN without classes.</summary>
/// <param name="Quality">PQ = SQ RQ of each class, mean over classes.</param>
/// <param name="Segmentation">SQ: IoU of matched segments, mean.</param>
/// <param name="Recognition">RQ: matched / (matched + half of the false and of the missed ones), mean.</param>
/// <param name="Classes">Classes that occur.</param>
public sealed record PanopticFigures(double Quality, double Segmentation, double Recognition, int Classes);

/// <summary>
/// Panoptic quality: a segment is matched where it and a true one of its class share more than half of their union. Pixels that belong to
/// nothing in truth count for nobody; answers that lie for more than half in them, or in a crowd of their class, are not wrong. 1801.00868;
/// cocodataset/panopticapi@7bb4655 evaluation.py <c>pq_compute</c>.
/// </summary>
/// <param name="things">For each class whether its objects are counted apart.</param>
public sealed class PanopticQuality(IReadOnlyList<bool> things)
{
    private const double LeastIou = 0.5;
    private readonly Counts[] counts = [.. things.Select(_ => new Counts())];

    /// <summary>Pictures added.</summary>
    public int Pictures { get; private set; }

    /// <summary>Adds one picture.</summary>
    /// <param name="truth">How it is cut.</param>
    /// <param name="answer">How it was said to be cut; crowds are not answered.</param>
    /// <exception cref="ArgumentException">Two sizes, or a label outside the classes.</exception>
    public void Add(PanopticMap truth, PanopticMap answer)
    {
        if (truth.Width != answer.Width || truth.Height != answer.Height)
            throw new ArgumentException($"the answer has {answer.Width} x {answer.Height} pixels, the truth {truth.Width} x {truth.Height}",
                nameof(answer));
        foreach (var segment in truth.Segments.Concat(answer.Segments))
        {
            if (segment.Label < 0 || segment.Label >= counts.Length)
                throw new ArgumentException($"segment {segment.Id} has the label {segment.Label}, outside 0 to {counts.Length - 1}",
                    nameof(answer));
        }

        Pictures++;
        var shared = Shared(truth, answer);
        HashSet<int> found = [], right = [];
        foreach (var wanted in truth.Segments.Where(segment => !segment.IsCrowd))
        {
            foreach (var said in answer.Segments.Where(segment => segment.Label == wanted.Label))
            {
                if (!shared.TryGetValue((wanted.Id, said.Id), out long both)) continue;
                long union = truth.Areas[wanted.Id] + answer.Areas[said.Id] - both - shared.GetValueOrDefault((PanopticMap.Void, said.Id));
                double iou = (double)both / union;
                if (iou <= LeastIou) continue;
                counts[wanted.Label].Matched++;
                counts[wanted.Label].Iou += iou;
                found.Add(wanted.Id);
                right.Add(said.Id);
            }
        }

        foreach (var wanted in truth.Segments.Where(segment => !segment.IsCrowd && !found.Contains(segment.Id)))
            counts[wanted.Label].Missed++;
        foreach (var said in answer.Segments.Where(segment => !right.Contains(segment.Id)))
        {
            // Of several crowds of a class the last one counts, as in the official code.
            var crowds = truth.Segments.Where(segment => segment.IsCrowd && segment.Label == said.Label).ToList();
            long excused = shared.GetValueOrDefault((PanopticMap.Void, said.Id))
                + (crowds.Count > 0 ? shared.GetValueOrDefault((crowds[^1].Id, said.Id)) : 0);
            if ((double)excused / answer.Areas[said.Id] <= LeastIou) counts[said.Label].Wrong++;
        }
    }

    /// <summary>The figures of everything added.</summary>
    /// <param name="kind">Of things (true), of stuff (false), or of both.</param>
    public PanopticFigures Summarize(bool? kind = null)
    {
        var chosen = counts.Where((count, label) => count.Occurs && (kind is null || things[label] == kind)).ToList();
        double Mean(Func<Counts, double> figure) => chosen.Select(figure).DefaultIfEmpty(double.NaN).Average();
        return new PanopticFigures(Mean(count => count.Quality), Mean(count => count.Segmentation),
            Mean(count => count.Recognition), chosen.Count);
    }

    /// <summary>PQ of each class; NaN for classes that occur neither in truths nor in answers.</summary>
    public IReadOnlyList<double> ByClass() => [.. counts.Select(count => count.Occurs ? count.Quality : double.NaN)];

    /// <summary>Pixels that each pair of a true and an answered segment shares.</summary>
    private static Dictionary<(int Truth, int Answer), long> Shared(PanopticMap truth, PanopticMap answer)
    {
        var shared = new Dictionary<(int, int), long>();
        int count = truth.Ids.Count, start = 0;
        for (int k = 1; k <= count; k++)
        {
            if (k < count && truth.Ids[k] == truth.Ids[start] && answer.Ids[k] == answer.Ids[start]) continue;
            var pair = (truth.Ids[start], answer.Ids[start]);
            shared[pair] = shared.GetValueOrDefault(pair) + k - start;
            start = k;
        }

        return shared;
    }

    private sealed class Counts
    {
        internal double Iou { get; set; }

        internal int Matched { get; set; }

        internal int Wrong { get; set; }

        internal int Missed { get; set; }

        internal bool Occurs => Matched + Wrong + Missed > 0;

        internal double Segmentation => Matched > 0 ? Iou / Matched : 0;

        internal double Recognition => Matched / (Matched + (0.5 * Wrong) + (0.5 * Missed));

        internal double Quality => Iou / (Matched + (0.5 * Wrong) + (0.5 * Missed));
    }
}
