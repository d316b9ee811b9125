using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>What is seen of the person in a picture.</summary>
/// <param name="Opacity"><c>(H, W)</c> in [0, 1], on the processor; zeros where nobody is seen.</param>
/// <param name="Presence">How sure the network is of somebody, in [0, 1].</param>
/// <param name="IsEmpty">Whether that was too little.</param>
internal sealed record SeenMatte(Tensor Opacity, double Presence, bool IsEmpty) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Opacity];
}

/// <summary>
/// The network with its weights, from picture to opacity. Pictures come to it as in the official demonstration
/// (ZHKKKe/MODNet@28165a4 demo/image_matting/colab/inference.py), but for three things: they are continued to multiples of 32 and not
/// shrunk to them, opacity is enlarged without blocks, and the long side has a bound.
/// </summary>
internal sealed class MatteNetwork(OpenRequest request) : IDisposable
{
    internal const int OfficialSide = 512;

    private const int LongestShape = 4;

    /// <summary>The share of a rough box by which more is looked at, on each side.</summary>
    private const double Roughness = 0.1;

    private readonly ModNet network = request.Network<ModNet>();
    private readonly int side = request.Size ?? OfficialSide;

    /// <summary>The opacity of whoever is in a picture; in the scope around.</summary>
    /// <param name="picture">8-bit RGB.</param>
    /// <param name="settings">Presence, box and margin count here.</param>
    /// <exception cref="SettingsException">The box lies outside the picture.</exception>
    internal SeenMatte See(Image picture, MatteSettings settings)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var window = Window(picture, settings.Box);
        bool isWhole = (window.Width, window.Height) == (picture.Width, picture.Height);
        var (semantic, opacity) = Look(network, isWhole ? picture : picture.Crop(window), side, settings.Margin, request.Device);
        long cells = semantic.Elements;
        double presence = semantic.Reshape([-1]).Topk(Math.Max(Math.Min(4, cells), cells / 100)).Values.Mean().Item<double>();
        if (presence < settings.Presence) return scope.Keep(new SeenMatte(Tensor.Zeros([picture.Height, picture.Width]), presence, true));
        if (!isWhole)
        {
            opacity = opacity.Pad(
                [window.Left, picture.Width - window.Right, window.Top, picture.Height - window.Bottom], "constant", 0);
        }

        return scope.Keep(new SeenMatte(opacity, presence, false));
    }

    /// <summary>The size at which the network sees a picture.</summary>
    internal static (int Width, int Height) SeenSize(int width, int height, int side)
    {
        int least = Math.Min(width, height), most = Math.Max(width, height);
        double scale = most < side || least > side ? (double)side / least : 1;
        scale = Math.Min(scale, (double)LongestShape * side / most);
        return (Math.Max(ModNet.Multiple, (int)(width * scale)), Math.Max(ModNet.Multiple, (int)(height * scale)));
    }

    /// <summary>
    /// The coarse person <c>(1, 1, h, w)</c> and the opacity <c>(H, W)</c>, the latter on the processor; in the scope around.
    /// </summary>
    /// <param name="network">In evaluation.</param>
    /// <param name="picture">8-bit RGB.</param>
    /// <param name="side">At which it is seen, see <see cref="SeenSize"/>.</param>
    /// <param name="margin">The share of the short side by which it is continued.</param>
    /// <param name="device">Where the network is.</param>
    internal static (Tensor Semantic, Tensor Opacity) Look(ModNet network, Image picture, int side, double margin, Device device)
    {
        using var scope = new TensorScope();
        var (width, height) = SeenSize(picture.Width, picture.Height, side);
        bool isShrunk = width < picture.Width;
        var seen = picture.Resize(width, height, isShrunk ? ResizeFilter.Box : ResizeFilter.Bilinear);
        var input = ((seen.ToTensor().Unsqueeze(0) * 2) - 1).To(device);
        int beside = (int)Math.Round(margin * Math.Min(width, height));
        if (beside > 0) input = Functional.Pad(input, [beside, beside, beside, beside], PaddingMode.Replicate);
        var (semantic, matte) = network.Estimate(input);
        matte = matte.Narrow(2, beside, height).Narrow(3, beside, width);
        var whole = Functional.Interpolate(matte, [picture.Height, picture.Width], isShrunk ? Interpolation.Bilinear : Interpolation.Area);
        return scope.Keep((semantic, whole.Reshape([picture.Height, picture.Width]).To(Device.Cpu)));
    }

    public void Dispose() => network.Dispose();

    private static PixelBox Window(Image picture, IReadOnlyList<int> box)
    {
        if (box is not [var left, var top, var right, var bottom]) return new PixelBox(0, 0, picture.Width, picture.Height);
        if (left >= picture.Width || top >= picture.Height)
        {
            throw new SettingsException(
                "box", called => $"{called} lies outside a picture of {picture.Width} x {picture.Height} pixels");
        }

        int wide = (int)((right - left) * Roughness), high = (int)((bottom - top) * Roughness);
        return new PixelBox(
            Math.Max(0, left - wide), Math.Max(0, top - high),
            Math.Min(picture.Width, right + wide), Math.Min(picture.Height, bottom + high));
    }
}
