using Sconce.Torch;

namespace Sconce.Data;

/// <summary>
/// What is to be found in one picture. Its tensors belong to whoever made it; a <see cref="DetectionBatch"/> frees its own.
/// </summary>
/// <param name="Labels"><c>(T)</c> int64 class numbers.</param>
/// <param name="Boxes"><c>(T, 4)</c> float32: centre x, centre y, width, height as shares of the picture without its padding, in [0,
/// 1].</param>
public sealed record DetectionTarget(Tensor Labels, Tensor Boxes) : ITensorContainer
{
    /// <summary><c>(T, h, w)</c>, 1 where the object is; null where outlines are not known.</summary>
    public Tensor? Masks { get; init; }

    /// <summary>T.</summary>
    public long Count => Labels.Size(0);

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => Masks is { } masks ? [Labels, Boxes, masks] : [Labels, Boxes];
}

/// <summary>Pictures of several sizes in one tensor, with what is in them. Its tensors belong to no scope: the batch frees them.</summary>
/// <param name="Images"><c>(N, 3, H, W)</c> float32, normalised; each picture stands in the upper left corner, the rest is zero.</param>
/// <param name="Mask"><c>(N, H, W)</c> bool, true on padding.</param>
/// <param name="Targets">What is in each, N of them.</param>
/// <param name="Indices">The items' numbers in their set.</param>
/// <param name="Names">What errors call the items.</param>
public sealed record DetectionBatch(Tensor Images, Tensor Mask, IReadOnlyList<DetectionTarget> Targets, IReadOnlyList<int> Indices,
    IReadOnlyList<string> Names) : IDisposable
{
    /// <summary>N.</summary>
    public int Count => Indices.Count;

    /// <summary>One picture without its padding, <c>(3, h, w)</c>: a view that belongs to the caller's scope.</summary>
    public Tensor PictureOf(int item)
    {
        using var scope = new TensorScope();
        var inside = Mask[item].LogicalNot();
        int height = (int)inside[.., 0].Sum().Item<long>(), width = (int)inside[0].Sum().Item<long>();
        return scope.Keep(Images[item, .., ..height, ..width]);
    }

    /// <summary>The corners of one picture's boxes in its pixels, <c>(T, 4)</c>; belong to the caller's scope.</summary>
    public Tensor CornersOf(int item)
    {
        using var scope = new TensorScope();
        var inside = Mask[item].LogicalNot();
        float height = inside[.., 0].Sum().Item<long>(), width = inside[0].Sum().Item<long>();
        return scope.Keep(Maths.Boxes.ToCorners(Targets[item].Boxes) * Tensor.From([width, height, width, height]));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Images.Dispose();
        Mask.Dispose();
        foreach (var tensor in Targets.SelectMany(target => target.Tensors)) tensor.Dispose();
    }
}
