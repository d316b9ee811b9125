using System.Globalization;
using Sconce.Data;
using Sconce.Metrics;

namespace Sconce.Systems.Detection;

/// <summary>
/// Whether a detector answers the same box whatever the picture, while the objects lie here and there: it has learned where objects are
/// in the mean, and looks at nothing. Told when two evaluations in a row are so, since the first of a run mostly is.
/// </summary>
/// <param name="remark">Told once.</param>
internal sealed class SameAnswers(Action<string>? remark)
{
    private const double Alike = 0.85, Apart = 0.5;
    private const int Fewest = 4, InARow = 2;

    private DetectedBox? answer, truth;
    private double answers, truths;
    private int pairs, inARow;

    /// <summary>Takes a picture's answers and objects.</summary>
    public void Add(ImageExample example, IReadOnlyList<DetectedBox> found)
    {
        if (found.Count == 0 || example.Boxes.Count == 0) return;
        var (width, height) = (example.Image.Width, example.Image.Height);
        var surest = Share(found.MaxBy(box => box.Score), width, height);
        var largest = Share(example.Boxes.Select(box => DetectedBox.Of(box)).MaxBy(box => box.Area), width, height);
        if (answer is { } before && truth is { } known)
        {
            answers += surest.Iou(before);
            truths += largest.Iou(known);
            pairs++;
        }

        (answer, truth) = (surest, largest);
    }

    /// <summary>All pictures are asked.</summary>
    public void End()
    {
        bool same = pairs >= Fewest && answers / pairs > Alike && truths / pairs < Apart;
        inARow = same ? inARow + 1 : 0;
        if (inARow == InARow)
        {
            string overlap = (answers / pairs).ToString("0.00", CultureInfo.InvariantCulture);
            remark?.Invoke($"the surest box is nearly the same in all pictures (overlap {overlap}), though objects are not: if that stays, "
                + "try a tenth of the rate, or begin from trained weights");
        }

        (answer, truth, answers, truths, pairs) = (null, null, 0, 0, 0);
    }

    private static DetectedBox Share(in DetectedBox box, int width, int height) =>
        box with { Left = box.Left / width, Right = box.Right / width, Top = box.Top / height, Bottom = box.Bottom / height };
}
