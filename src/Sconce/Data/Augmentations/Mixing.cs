using System.Numerics.Tensors;

namespace Sconce.Data.Augmentations;

/// <summary>Several changes of a batch one after another.</summary>
public sealed record BatchPipeline(params IReadOnlyList<BatchAugmentation> Steps) : BatchAugmentation
{
    /// <inheritdoc/>
    public override float[]? Apply(BatchPixels pictures, long[]? labels, float[]? targets, ref int classes, ref AugmentationRandom random)
    {
        foreach (var step in Steps)
            targets = step.Apply(pictures, labels, targets, ref classes, ref random);
        return targets;
    }
}

/// <summary>What MixUp and CutMix share: each picture is mixed with the one that a random order puts beside it, with one share for the
/// batch.</summary>
public abstract record MixingAugmentation : BatchAugmentation
{
    /// <summary>Of the hard labels, in [0, 1): 1 - s + s / classes for the class and s / classes for the others.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>The chance that a batch is mixed at all, in [0, 1].</summary>
    public double Probability { get; init; } = 1;

    /// <inheritdoc/>
    public sealed override float[]? Apply(BatchPixels pictures, long[]? labels, float[]? targets, ref int classes,
        ref AugmentationRandom random)
    {
        if (labels is null && targets is null)
            throw new DataException("MixUp and CutMix mix targets, but the set has no labels");
        if (targets is null && classes < 1)
            throw new DataException("MixUp and CutMix need the number of classes: give it to the loader");
        var count = classes;
        var soft = targets ?? OneHot(labels!, count);
        if (!random.Chance(Probability))
            return soft;
        var partner = new int[pictures.Count];
        for (var i = 0; i < partner.Length; i++)
            partner[i] = i;
        random.Shuffle<int>(partner);
        var kept = (float)Mix(pictures, partner, ref random);
        var mixed = new float[soft.Length];
        for (var i = 0; i < partner.Length; i++)
        {
            var own = soft.AsSpan(i * count, count);
            var other = soft.AsSpan(partner[i] * count, count);
            for (var c = 0; c < count; c++)
                mixed[i * count + c] = kept * own[c] + (1 - kept) * other[c];
        }
        return mixed;
    }

    /// <summary>Mixes picture i with picture partner[i]; the share of i that is kept, in [0, 1].</summary>
    internal abstract double Mix(BatchPixels pictures, int[] partner, ref AugmentationRandom random);

    private float[] OneHot(long[] labels, int classes)
    {
        var soft = new float[labels.Length * classes];
        soft.AsSpan().Fill((float)(LabelSmoothing / classes));
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] < 0 || labels[i] >= classes)
                throw new DataException($"the label {labels[i]} is outside 0 to {classes - 1}");
            soft[i * classes + labels[i]] += (float)(1 - LabelSmoothing);
        }
        return soft;
    }
}

/// <summary>Pictures and targets blended with a share drawn from Beta(Alpha, Alpha) (1710.09412).</summary>
public sealed record MixUp(double Alpha = 0.2) : MixingAugmentation
{
    internal override double Mix(BatchPixels pictures, int[] partner, ref AugmentationRandom random)
    {
        var share = random.Beta(Alpha, Alpha);
        var original = pictures.Values.ToArray();
        var size = original.Length / pictures.Count;
        for (var i = 0; i < pictures.Count; i++)
        {
            var target = pictures.Picture(i);
            TensorPrimitives.Multiply(original.AsSpan(i * size, size), (float)share, target);
            TensorPrimitives.MultiplyAdd(original.AsSpan(partner[i] * size, size), 1 - (float)share, target, target);
        }
        return share;
    }
}

/// <summary>
/// A box of the partner pasted in (1905.04899): sides sqrt(1 - share) of the picture's, cut to whole pixels, around a uniform centre,
/// clipped; targets are mixed by the area that is left. Share from Beta(Alpha, Alpha).
/// </summary>
public sealed record CutMix(double Alpha = 1) : MixingAugmentation
{
    internal override double Mix(BatchPixels pictures, int[] partner, ref AugmentationRandom random)
    {
        var (left, top, right, bottom) = Box(pictures.Width, pictures.Height, random.Beta(Alpha, Alpha), ref random);
        var original = pictures.Values.ToArray();
        var source = new BatchPixels(original, pictures.Count, pictures.Channels, pictures.Height, pictures.Width);
        for (var i = 0; i < pictures.Count; i++)
        {
            for (var c = 0; c < pictures.Channels; c++)
            {
                for (var y = top; y < bottom; y++)
                    source.Row(partner[i], c, y)[left..right].CopyTo(pictures.Row(i, c, y)[left..right]);
            }
        }
        return 1 - (double)(right - left) * (bottom - top) / ((double)pictures.Width * pictures.Height);
    }

    internal static (int Left, int Top, int Right, int Bottom) Box(int width, int height, double share, ref AugmentationRandom random)
    {
        var cut = Math.Sqrt(1 - share);
        int w = (int)(width * cut), h = (int)(height * cut), x = random.Next(width), y = random.Next(height);
        return (Math.Clamp(x - w / 2, 0, width), Math.Clamp(y - h / 2, 0, height), Math.Clamp(x + w / 2, 0, width),
            Math.Clamp(y + h / 2, 0, height));
    }
}

/// <summary>One of the two for each batch (timm's switching; NFNets, T2T-ViT).</summary>
public sealed record MixUpOrCutMix(double MixUpAlpha = 0.8, double CutMixAlpha = 1, double CutMixProbability = 0.5) : MixingAugmentation
{
    internal override double Mix(BatchPixels pictures, int[] partner, ref AugmentationRandom random) => random.Chance(CutMixProbability)
        ? new CutMix(CutMixAlpha).Mix(pictures, partner, ref random)
        : new MixUp(MixUpAlpha).Mix(pictures, partner, ref random);
}

/// <summary>What a box erased is filled with, on the scale of normalised pictures.</summary>
public enum ErasedWith
{
    /// <summary>0, the mean colour.</summary>
    Zero,

    /// <summary>One standard normal colour a box.</summary>
    Colour,

    /// <summary>A standard normal number a sample.</summary>
    Noise,
}

/// <summary>
/// A box of each picture erased, with a probability (1708.04896; ten tries, as timm's and torchvision's code): area uniform between the
/// bounds, shape log-uniform between MinimumRatio and its inverse.
/// </summary>
public sealed record RandomErasing(double Probability = 0.25) : BatchAugmentation
{
    /// <summary>The least share of the picture's area.</summary>
    public double MinimumArea { get; init; } = 0.02;

    /// <summary>The greatest.</summary>
    public double MaximumArea { get; init; } = 1.0 / 3;

    /// <summary>The least height / width; the greatest is its inverse.</summary>
    public double MinimumRatio { get; init; } = 0.3;

    /// <summary>What with.</summary>
    public ErasedWith With { get; init; } = ErasedWith.Noise;

    /// <inheritdoc/>
    public override float[]? Apply(BatchPixels pictures, long[]? labels, float[]? targets, ref int classes, ref AugmentationRandom random)
    {
        for (var i = 0; i < pictures.Count; i++)
        {
            if (random.Chance(Probability))
                Erase(pictures, i, ref random);
        }
        return targets;
    }

    private void Erase(BatchPixels pictures, int index, ref AugmentationRandom random)
    {
        int width = pictures.Width, height = pictures.Height;
        for (var attempt = 0; attempt < 10; attempt++)
        {
            var area = random.Uniform(MinimumArea, MaximumArea) * width * height;
            var ratio = Math.Exp(random.Uniform(Math.Log(MinimumRatio), -Math.Log(MinimumRatio)));
            int h = (int)Math.Round(Math.Sqrt(area * ratio)), w = (int)Math.Round(Math.Sqrt(area / ratio));
            if (h < 1 || w < 1 || h >= height || w >= width)
                continue;
            int top = random.Next(height - h + 1), left = random.Next(width - w + 1);
            for (var c = 0; c < pictures.Channels; c++)
            {
                var colour = With == ErasedWith.Colour ? (float)random.Normal() : 0;
                for (var y = top; y < top + h; y++)
                {
                    var row = pictures.Row(index, c, y).Slice(left, w);
                    row.Fill(colour);
                    for (var x = 0; With == ErasedWith.Noise && x < w; x++)
                        row[x] = (float)random.Normal();
                }
            }
            return;
        }
    }
}
