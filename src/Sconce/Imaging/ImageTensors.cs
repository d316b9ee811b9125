using Sconce.Torch;

namespace Sconce.Imaging;

/// <summary>Between pictures and tensors.</summary>
public static class ImageTensors
{
    /// <summary>The picture as <c>(C, H, W)</c> in [0, 1] (torchvision's <c>ToTensor</c>).</summary>
    public static Tensor ToTensor(this Image picture)
    {
        var tensor = Tensor.Empty([picture.Channels, picture.Height, picture.Width], DType.Float32);
        picture.CopyTo(tensor.AsSpan<float>());
        return tensor;
    }

    /// <summary>A picture of <c>(1, 3 or 4, H, W)</c> in [0, 1]: values outside are cut, then rounded to 8 bits as torchvision's
    /// <c>save_image</c> does.</summary>
    /// <exception cref="TorchException">Not three dimensions.</exception>
    public static Image ToImage(this Tensor tensor)
    {
        if (tensor.Dimensions != 3)
            throw new TorchException($"to image: a tensor of shape [{string.Join(", ", tensor.Shape.ToArray())}] is no (channels, "
                + $"height, width)");
        return Image.FromFloats((int)tensor.Size(2), (int)tensor.Size(1), (int)tensor.Size(0), tensor.ToArray<float>());
    }
}
