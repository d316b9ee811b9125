using Sconce.Torch;

namespace Sconce.Nn.Detection;

/// <summary>Boxes cut to their picture.</summary>
public static class BoxClipping
{
    /// <summary>Corners moved into the picture; <c>(…, 4) -> (…, 4)</c>.</summary>
    /// <param name="boxes">Left, top, right, bottom in pixels.</param>
    /// <param name="image">Height and width.</param>
    public static Tensor To(Tensor boxes, (long Height, long Width) image)
    {
        using var scope = new TensorScope();
        var most = Tensor.From([(float)image.Width, image.Height, image.Width, image.Height]).To(boxes.Device, boxes.DType);
        return scope.Keep(boxes.ClampMin(0).Minimum(most));
    }
}
