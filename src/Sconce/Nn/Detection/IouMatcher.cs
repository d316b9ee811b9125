using Sconce.Torch;

namespace Sconce.Nn.Detection;

/// <summary>
/// Gives each reference box (anchor, proposal) the object that it overlaps most, if it does so enough. 1506.01497 §3.1.2; torchvision
/// 0.14.1
/// <c>detection/_utils.py Matcher</c>.
/// </summary>
/// <param name="High">The least IoU of a match.</param>
/// <param name="Low">References below it see nothing; those between are neither.</param>
/// <param name="AllowLowQuality">Whether each object also gets the references that overlap it most (ties included), however little that
/// is.</param>
public sealed record IouMatcher(double High, double Low, bool AllowLowQuality)
{
    /// <summary>What a reference that sees nothing is given.</summary>
    public const long Background = -1;

    /// <summary>What a reference that is neither match nor background is given.</summary>
    public const long Between = -2;

    /// <summary>The number of each reference's object, <see cref="Background"/> or <see cref="Between"/>.</summary>
    /// <param name="iou">Of objects and references, <c>(T, R)</c>.</param>
    public long[] Match(Tensor iou)
    {
        if (iou.Dimensions != 2)
        {
            throw new ArgumentException($"matching: overlaps [{string.Join(", ", iou.Shape.ToArray())}], but (objects, boxes) is expected");
        }

        using var scope = new TensorScope();
        int objects = (int)iou.Size(0), references = (int)iou.Size(1);
        float[] overlaps = iou.Detach().Float().Cpu().ToArray<float>();
        var closest = new long[references];
        var matches = new long[references];
        for (int box = 0; box < references; box++)
        {
            float best = float.NegativeInfinity;
            for (int item = 0; item < objects; item++)
            {
                float overlap = overlaps[(item * references) + box];
                if (overlap > best) (best, closest[box]) = (overlap, item);
            }

            matches[box] = best >= (float)High ? closest[box] : best >= (float)Low ? Between : Background;
        }

        if (AllowLowQuality) Restore(overlaps, objects, closest, matches);
        return matches;
    }

    /// <summary>A reference that is some object's best one keeps its own closest object, which need not be that object.</summary>
    private static void Restore(float[] overlaps, int objects, long[] closest, long[] matches)
    {
        for (int item = 0; item < objects; item++)
        {
            var row = overlaps.AsSpan(item * matches.Length, matches.Length);
            float best = float.NegativeInfinity;
            foreach (float overlap in row) best = Math.Max(best, overlap);
            for (int box = 0; box < row.Length; box++)
            {
                if (row[box] == best) matches[box] = closest[box];
            }
        }
    }
}
