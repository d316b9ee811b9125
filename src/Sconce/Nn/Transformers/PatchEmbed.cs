using Sconce.Torch;

namespace Sconce.Nn.Transformers;

/// <summary>Cuts a picture into patches and maps each to a token, rows first: <c>(N, channels, H, W) -> (N, H/p · W/p, width)</c>;
/// 2010.11929 §3.1.</summary>
public sealed partial class PatchEmbed(int channels, int width, Extent2 patch, bool bias = true) : Module<Tensor, Tensor>
{
    /// <summary>One linear map of each patch, as a convolution whose stride is its kernel.</summary>
    public Conv2d Proj { get; } = new(channels, width, patch, patch, bias: bias);

    /// <summary>The sides of a patch.</summary>
    public Extent2 Patch => patch;

    /// <summary>How many patches a picture of that size has.</summary>
    /// <exception cref="TorchException">It is not cut without remainder.</exception>
    public Extent2 Grid(long height, long width)
    {
        if (height < patch.Height || width < patch.Width || height % patch.Height != 0 || width % patch.Width != 0)
        {
            throw new TorchException($"patches: a picture of {height}x{width} pixels is not cut into patches of "
                + $"{patch.Height}x{patch.Width} without remainder: resize or pad it");
        }

        return ((int)(height / patch.Height), (int)(width / patch.Width));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures)
    {
        if (pictures.Dimensions != 4 || pictures.Size(1) != channels)
            throw new TorchException($"patches: pictures of shape [{string.Join(", ", pictures.Shape.ToArray())}], but (N, {channels}, "
                + $"height, width) is expected");
        Grid(pictures.Size(2), pictures.Size(3));
        return Proj.Call(pictures).Flatten(2).Transpose(1, 2);
    }
}
