namespace Sconce.Metrics;

/// <summary>COCO's twelve figures of a detector, each in [0, 1]; NaN where there is no object to be found (pycocotools prints
/// -1).</summary>
/// <param name="AveragePrecision">Over IoU 0.50, 0.55, …, 0.95; 100 boxes a picture.</param>
/// <param name="At50">At IoU 0.50.</param>
/// <param name="At75">At IoU 0.75.</param>
/// <param name="Small">Of objects up to 32² pixels.</param>
/// <param name="Medium">Of objects from 32² to 96² pixels.</param>
/// <param name="Large">Of objects from 96² pixels.</param>
/// <param name="Recall1">The greatest recall with one box a picture and class, mean over IoU.</param>
/// <param name="Recall10">With 10.</param>
/// <param name="Recall100">With 100.</param>
/// <param name="RecallSmall">With 100, of small objects.</param>
/// <param name="RecallMedium">With 100, of medium ones.</param>
/// <param name="RecallLarge">With 100, of large ones.</param>
public sealed record CocoSummary(
    double AveragePrecision, double At50, double At75, double Small, double Medium, double Large,
    double Recall1, double Recall10, double Recall100, double RecallSmall, double RecallMedium, double RecallLarge);
