namespace Sconce.Training;

/// <summary>How methods of pictures see them.</summary>
[Settings]
public sealed partial record PictureSettings
{
    /// <summary>The side of the pictures in pixels; the network's own where left out.</summary>
    [Named("size")]
    [Within(8, 4096)]
    [LeftOpen]
    public int? ImageSize { get; init; }
}

/// <summary>What is done to pictures beside crop and flip.</summary>
[Settings]
public sealed partial record PictureAugmentationSettings
{
    /// <summary>Two random operations a picture (shear, turn, colours …) of this magnitude.</summary>
    [Named("randaugment")]
    [Within(0, 30)]
    public double? RandAugment { get; init; }

    /// <summary>Change brightness, contrast and saturation by up to this share, such as 0.4.</summary>
    [Within(0, 1)]
    public double? ColorJitter { get; init; }

    /// <summary>Erase a box of this share of the pictures, such as 0.25.</summary>
    [Within(0, 1)]
    public double? Erasing { get; init; }
}

/// <summary>Pictures that are mixed with their labels.</summary>
[Settings]
public sealed partial record MixingSettings
{
    /// <summary>Blend pairs of pictures and their labels; the strength, such as 0.2.</summary>
    [Named("mixup")]
    [Within(0, Above = true)]
    public double? MixUp { get; init; }

    /// <summary>
    /// Paste a box of one picture into another and mix their labels; the strength, such as 1. With the other, each batch gets one of the
    /// two.
    /// </summary>
    [Named("cutmix")]
    [Within(0, Above = true)]
    public double? CutMix { get; init; }
}

/// <summary>How classes count in the loss.</summary>
public enum ClassWeighting
{
    /// <summary>Every example counts the same.</summary>
    None,

    /// <summary>Every class counts the same, whatever its share.</summary>
    Balanced,
}

/// <summary>What the plain loss makes of labels.</summary>
[Settings]
public sealed partial record LabelSettings
{
    /// <summary>The share of each label spread over all classes.</summary>
    [Within(0, 1, Below = true)]
    public double LabelSmoothing { get; init; }

    /// <summary>How classes count in the loss: all examples alike, or every class the same.</summary>
    public ClassWeighting ClassWeights { get; init; }
}

/// <summary>What a classifier's run keeps beside its weights.</summary>
[Settings]
public sealed partial record OutputSettings
{
    /// <summary>
    /// Keep what the network answers to up to 1,000 held-out pictures after each epoch, to be looked at from all sides later.
    /// </summary>
    public bool KeepOutputs { get; init; }
}

/// <summary>Which examples an epoch has.</summary>
[Settings]
public sealed partial record SamplingSettings
{
    /// <summary>Draw every class as often as every other, whatever its share.</summary>
    public bool Balanced { get; init; }

    /// <summary>
    /// A folder of pictures that a person decided on, a subfolder a label, such as serving/review/decided/run1: they are learned from too,
    /// and what is held out stays as it is.
    /// </summary>
    [FilePath]
    public string? Decisions { get; init; }
}
