namespace Sconce.Video;

/// <summary>One box of one object in one frame, detected, tracked or true.</summary>
/// <param name="Frame">From 1 on, as the MOT benchmark counts.</param>
/// <param name="Id">The object's identity; -1 where it has none, as in detections.</param>
/// <param name="Left">Of the left edge, in pixels.</param>
/// <param name="Top">Of the upper edge.</param>
/// <param name="Width">0 or more.</param>
/// <param name="Height">0 or more.</param>
public readonly record struct TrackBox(int Frame, int Id, double Left, double Top, double Width, double Height)
{
    /// <summary>How sure a detector is; in true boxes 0 marks one that is not to be judged.</summary>
    public double Confidence { get; init; } = 1;

    /// <summary>The class's number; null where there is none.</summary>
    public int? Label { get; init; }

    /// <summary>The class's name, where a file gives it; MOT text has none.</summary>
    public string? Name { get; init; }

    /// <summary>Of the right edge.</summary>
    public double Right => Left + Width;

    /// <summary>Of the lower edge.</summary>
    public double Bottom => Top + Height;

    /// <summary>Intersection over union, in [0, 1]; 0 where neither has an area.</summary>
    public double Iou(in TrackBox other)
    {
        double width = Math.Min(Right, other.Right) - Math.Max(Left, other.Left),
            height = Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top);
        double shared = Math.Max(width, 0) * Math.Max(height, 0), union = (Width * Height) + (other.Width * other.Height) - shared;
        return union > 0 ? shared / union : 0;
    }
}
