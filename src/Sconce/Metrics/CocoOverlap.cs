namespace Sconce.Metrics;

/// <summary>What of objects must overlap for one to be found.</summary>
public enum CocoOverlap
{
    /// <summary>The boxes (pycocotools' iouType bbox).</summary>
    Boxes,

    /// <summary>The masks (pycocotools' iouType segm).</summary>
    Masks,
}
